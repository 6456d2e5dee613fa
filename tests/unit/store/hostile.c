/* SPDX-License-Identifier: MIT */
#include "tests/unit/store/hostile.h"

uint64_t hostile_random(struct hostile *h, uint64_t below)
{
	h->seed ^= h->seed << 13;
	h->seed ^= h->seed >> 7;
	h->seed ^= h->seed << 17;
	return (h->seed * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

struct key {
	char *p;
	size_t n;
};

static void add(struct key *k, struct span s)
{
	if (s.n > NAME_KEY_MAX - k->n)
		s.n = NAME_KEY_MAX - k->n;
	memcpy(k->p + k->n, s.p, s.n);
	k->n += s.n;
}

static const struct span pieces[] = {
	SPAN_LIT("a"),
	SPAN_LIT("b"),
	SPAN_LIT("/"),
	SPAN_LIT("//"),
	SPAN_LIT("."),
	SPAN_LIT(".."),
	SPAN_LIT("/./"),
	SPAN_LIT("/../"),
	SPAN_LIT("%"),
	SPAN_LIT("%@"),
	SPAN_LIT("%p"),
	SPAN_LIT("%+"),
	SPAN_LIT("%-"),
	SPAN_LIT("%2F"),
	SPAN_LIT("%2E"),
	SPAN_LIT("%25"),
	SPAN_LIT("%@0000000000000001"),
	SPAN_LIT("%@0000000000000001%p"),
	SPAN_LIT("/00001-0000000000000001"),
	SPAN_LIT("\n"),
	{"\0", 1},
	SPAN_LIT("\x1f"),
	SPAN_LIT("\x7f"),
	SPAN_LIT("\xff"),
	SPAN_LIT("\xc3"),
	SPAN_LIT("\xc3\xa4"),
	SPAN_LIT("\xe2\x82\xac"),
	SPAN_LIT("\xe2\x82"),
	SPAN_LIT("\xf0\x9f\x98\x80"),
	SPAN_LIT("\xed\xa0\x80"),
	SPAN_LIT("\xc0\xaf"),
	SPAN_LIT("\\"),
	SPAN_LIT("con"),
	SPAN_LIT(" "),
};
enum { PIECES = sizeof(pieces) / sizeof(*pieces) };

static struct span piece(struct hostile *h)
{
	return pieces[hostile_random(h, PIECES)];
}

static void add_random_bytes(struct hostile *h, struct key *k)
{
	for (uint64_t n = hostile_random(h, 80); n; n--) {
		char c = (char)hostile_random(h, 256);

		add(k, span_of(&c, 1));
	}
}

static void add_pieces(struct hostile *h, struct key *k, uint64_t most)
{
	for (uint64_t n = 1 + hostile_random(h, most); n; n--)
		add(k, piece(h));
}

/* One piece again and again, up to a length around a limit, then some more. */
static void add_around_a_limit(struct hostile *h, struct key *k)
{
	static const size_t limits[] = {
		32, 76, 227, 228, 229, 230, 231, 232, 255, 256, 460, 1024};
	size_t limit = limits[hostile_random(h, sizeof(limits) / sizeof(*limits))];
	struct span unit = piece(h);
	size_t start = k->n;

	while (k->n - start < limit && k->n < NAME_KEY_MAX)
		add(k, unit);
	add_pieces(h, k, 3);
}

static void add_levels(struct hostile *h, struct key *k)
{
	for (uint64_t n = 28 + hostile_random(h, 10); n; n--) {
		if (hostile_random(h, 3))
			add(k, piece(h));
		add(k, SPAN_LIT("/"));
	}
}

size_t hostile_key(struct hostile *h, char out[NAME_KEY_MAX])
{
	struct key k = {out, 0};

	if (h->last_n && hostile_random(h, 3) == 0)
		add(&k, span_of(h->last, h->last_n));
	switch (hostile_random(h, 6)) {
	case 0:
		add_random_bytes(h, &k);
		break;
	case 1:
		add_around_a_limit(h, &k);
		break;
	case 2:
		add_levels(h, &k);
		break;
	case 3:
		add_pieces(h, &k, 200);
		break;
	default:
		add_pieces(h, &k, 6);
		break;
	}
	if (k.n == 0)
		add(&k, SPAN_LIT("/"));
	memcpy(h->last, out, k.n);
	h->last_n = k.n;
	return k.n;
}
