# SPDX-License-Identifier: MIT
"""Object Lock: configurations, headers, retention, holds, and what is then refused."""
import datetime

from row import Row, has, head

TRUE = ("x-amz-bucket-object-lock-enabled", "true")
BYPASS = ("x-amz-bypass-governance-retention", "true")
FAR, FARTHER, NEARER = "2997-01-01T00:00:00Z", "2998-01-01T00:00:00Z", "2996-01-01T00:00:00Z"
VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
SUSPENDED = VERSIONED.replace(b"Enabled", b"Suspended")


def config(rule="", enabled="Enabled"):
    return (f"<ObjectLockConfiguration><ObjectLockEnabled>{enabled}</ObjectLockEnabled>{rule}"
            "</ObjectLockConfiguration>").encode()


def rule(mode, period):
    return f"<Rule><DefaultRetention><Mode>{mode}</Mode>{period}</DefaultRetention></Rule>"


def retention(mode, until):
    return f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>".encode()


def hold(status):
    return f"<LegalHold><Status>{status}</Status></LegalHold>".encode()


def lock(mode=None, until=None, held=None):
    names = {"x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": until, "x-amz-object-lock-legal-hold": held}
    return [(name, value) for name, value in names.items() if value is not None]


def make_world(wire):
    for bucket, headers in (("lock", [TRUE]), ("lock-def", [TRUE]), ("lock-off", []), ("lock-late", [])):
        assert wire.send("PUT", "/" + bucket, headers).status == 200
    assert wire.send("PUT", "/lock-late?versioning", body=VERSIONED).status == 200
    for key in ("lock/k", "lock/free", "lock-off/k", "lock-late/k"):
        assert wire.send("PUT", "/" + key, body=b"hello").status == 200


def configure(name, body, status, code="", bucket="lock-def"):
    return Row("configuration: " + name, "PUT", f"/{bucket}?object-lock", status, code, body=body)


def default(mode, period):
    return config(rule(mode, period))


BUCKETS = [
    Row("versioning is forced on", "GET", "/lock?versioning", 200, check=has("<Status>Enabled</Status>")),
    Row("and cannot be suspended", "PUT", "/lock?versioning", 409, "InvalidBucketState", body=SUSPENDED),
    Row("nor enabled anew: fine", "PUT", "/lock?versioning", 200, body=VERSIONED),
    Row("word of the header", "PUT", "/lock-word", 400, "InvalidArgument", [(TRUE[0], "yes")]),
    Row("false is nothing", "PUT", "/lock-false", 200, "", [(TRUE[0], "false")]),
    Row("not there then", "GET", "/lock-false?object-lock", 404, "ObjectLockConfigurationNotFoundError"),
    Row("made again with lock", "PUT", "/lock-false", 409, "BucketAlreadyExists", [TRUE]),
    Row("made again as it is", "PUT", "/lock", 200, "", [TRUE]),
    Row("made again without a word", "PUT", "/lock", 200),
    Row("enabled, no rule", "GET", "/lock?object-lock", 200, check=lambda r: b"Rule" not in r.body and has(
        "<ObjectLockEnabled>Enabled</ObjectLockEnabled>")(r)),
    Row("never set", "GET", "/lock-off?object-lock", 404, "ObjectLockConfigurationNotFoundError"),
    Row("cannot be deleted", "DELETE", "/lock?object-lock", 405, "MethodNotAllowed"),
    configure("without versioning", config(), 409, "InvalidBucketState", "lock-off"),
    configure("a bucket of before", default("GOVERNANCE", "<Days>1</Days>"), 200, bucket="lock-late"),
    Row("has it now", "GET", "/lock-late?object-lock", 200, check=has(
        "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>")),
    Row("and keeps its versioning", "PUT", "/lock-late?versioning", 409, "InvalidBucketState", body=SUSPENDED),
    Row("what was there is free", "GET", "/lock-late/k?retention", 404, "NoSuchObjectLockConfiguration"),
    configure("of no bucket", config(), 404, "NoSuchBucket", "nobucket-x"),
    Row("configuration: anonymous", "PUT", "/lock?object-lock", 403, "AccessDenied", body=config(), anonymous=True),
    configure("nothing", b"", 400, "MalformedXML"),
    configure("another root", b"<Lock/>", 400, "MalformedXML"),
    configure("not enabled", config(enabled="Disabled"), 400, "MalformedXML"),
    configure("enabled in lower case", config(enabled="enabled"), 400, "MalformedXML"),
    configure("empty", b"<ObjectLockConfiguration/>", 400, "MalformedXML"),
    configure("rule without retention", config("<Rule/>"), 400, "MalformedXML"),
    configure("days and years", default("GOVERNANCE", "<Days>1</Days><Years>1</Years>"), 400, "MalformedXML"),
    configure("days twice", default("GOVERNANCE", "<Days>9</Days><Days>1</Days>"), 400, "MalformedXML"),
    configure("two rules", config(2 * rule("GOVERNANCE", "<Days>1</Days>")), 400, "MalformedXML"),
    configure("a rule by another name", config("<Rules/>"), 400, "MalformedXML"),
    configure("no period", default("GOVERNANCE", ""), 400, "MalformedXML"),
    configure("mode in lower case", default("governance", "<Days>1</Days>"), 400, "MalformedXML"),
    configure("no number", default("GOVERNANCE", "<Days>x</Days>"), 400, "MalformedXML"),
    configure("no days", default("GOVERNANCE", "<Days>0</Days>"), 400, "InvalidRetentionPeriod"),
    configure("days below none", default("GOVERNANCE", "<Days>-1</Days>"), 400, "InvalidRetentionPeriod"),
    configure("no years", default("COMPLIANCE", "<Years>0</Years>"), 400, "InvalidRetentionPeriod"),
    configure("most days", default("GOVERNANCE", "<Days>36500</Days>"), 200),
    configure("too many days", default("GOVERNANCE", "<Days>36501</Days>"), 400, "InvalidArgument"),
    configure("far too many days", default("GOVERNANCE", "<Days>99999999999999999999999</Days>"), 400, "InvalidArgument"),
    configure("too many years", default("GOVERNANCE", "<Years>101</Years>"), 400, "InvalidArgument"),
    configure("most years", default("GOVERNANCE", "<Years>100</Years>"), 200),
    Row("refusals changed nothing", "GET", "/lock-def?object-lock", 200, check=has("<Years>100</Years>")),
]

UNTIL_DEFAULT = (datetime.datetime.now(datetime.timezone.utc).year + 100)
DEFAULTS = [
    Row("put gets the default", "PUT", "/lock-def/k", 200, body=b"x"),
    Row("which HEAD tells", "HEAD", "/lock-def/k", 200, check=lambda r: r.header("x-amz-object-lock-mode") == "GOVERNANCE"
        and abs(int(r.header("x-amz-object-lock-retain-until-date")[:4]) - UNTIL_DEFAULT) <= 1),
    Row("an own retention wins", "PUT", "/lock-def/own", 200, "", lock("COMPLIANCE", FAR), b"x"),
    Row("told by GET", "GET", "/lock-def/own", 200, check=head(
        x_amz_object_lock_mode="COMPLIANCE", x_amz_object_lock_retain_until_date=FAR.replace("Z", ".000Z"))),
    configure("default taken away", config(), 200),
    Row("put gets none", "PUT", "/lock-def/free", 200, body=b"x"),
    Row("none is told", "HEAD", "/lock-def/free", 200, check=head(x_amz_object_lock_mode=None)),
]


def put(name, headers, status, code="", target="/lock/put"):
    return Row("put: " + name, "PUT", target, status, code, headers, b"hello")


HEADERS = [
    put("no lock on the bucket", lock("GOVERNANCE", FAR), 400, "InvalidRequest", "/lock-off/k"),
    put("hold without lock on the bucket", lock(held="ON"), 400, "InvalidRequest", "/lock-off/k"),
    put("mode alone", lock("GOVERNANCE"), 400, "InvalidArgument"),
    put("date alone", lock(until=FAR), 400, "InvalidArgument"),
    put("mode in lower case", lock("governance", FAR), 400, "InvalidArgument"),
    put("no date", lock("GOVERNANCE", "tomorrow"), 400, "InvalidArgument"),
    put("a past date", lock("GOVERNANCE", "2020-01-01T00:00:00Z"), 400, "InvalidArgument"),
    put("hold in lower case", lock(held="on"), 400, "InvalidArgument"),
    put("nothing was stored", [("If-None-Match", "*")], 200),
    put("all three", lock("COMPLIANCE", FAR, "ON"), 200),
    Row("all three are told", "HEAD", "/lock/put", 200, check=head(
        x_amz_object_lock_mode="COMPLIANCE", x_amz_object_lock_legal_hold="ON")),
    put("hold off", lock(held="OFF"), 200),
    Row("off is told", "GET", "/lock/put?legal-hold", 200, check=has("<Status>OFF</Status>")),
    *[Row(f"upload: {name}", "POST", "/lock/mp?uploads", 400, code, headers) for name, headers, code in (
        ("mode alone", lock("GOVERNANCE"), "InvalidArgument"), ("bad hold", lock(held="x"), "InvalidArgument"))],
    Row("upload: no lock on the bucket", "POST", "/lock-off/mp?uploads", 400, "InvalidRequest", lock(held="ON")),
]


def retain(name, body, status, code="", target="/lock/k?retention", headers=()):
    return Row("retention: " + name, "PUT", target, status, code, headers, body)


RETENTION = [
    Row("retention: unset", "GET", "/lock/k?retention", 404, "NoSuchObjectLockConfiguration"),
    Row("retention: no lock", "GET", "/lock-off/k?retention", 400, "InvalidRequest"),
    Row("retention: of no key", "GET", "/lock/none?retention", 404, "NoSuchKey"),
    retain("no lock on the bucket", retention("GOVERNANCE", FAR), 400, "InvalidRequest", "/lock-off/k?retention"),
    retain("put on no key", retention("GOVERNANCE", FAR), 404, "NoSuchKey", "/lock/none?retention"),
    retain("wrong version", retention("GOVERNANCE", FAR), 400, "InvalidArgument", "/lock/k?retention&versionId=x"),
    retain("unknown version", retention("GOVERNANCE", FAR), 404, "NoSuchVersion", f"/lock/k?retention&versionId={'1' * 32}"),
    retain("nothing", b"", 400, "MalformedXML"),
    retain("another root", b"<Hold/>", 400, "MalformedXML"),
    retain("mode in lower case", retention("governance", FAR), 400, "MalformedXML"),
    retain("no date", retention("GOVERNANCE", "tomorrow"), 400, "MalformedXML"),
    retain("two dates", retention("GOVERNANCE", f"{FAR}</RetainUntilDate><RetainUntilDate>{FAR}"), 400, "MalformedXML"),
    retain("mode alone", b"<Retention><Mode>GOVERNANCE</Mode></Retention>", 400, "MalformedXML"),
    retain("date alone", f"<Retention><RetainUntilDate>{FAR}</RetainUntilDate></Retention>".encode(), 400, "MalformedXML"),
    retain("a past date", retention("GOVERNANCE", "2020-01-01T00:00:00Z"), 400, "InvalidArgument"),
    retain("GOVERNANCE", retention("GOVERNANCE", FAR), 200),
    Row("retention: is told", "GET", "/lock/k?retention", 200, check=has(
        "<Mode>GOVERNANCE</Mode>", f"<RetainUntilDate>{FAR.replace('Z', '.000Z')}</RetainUntilDate>")),
    retain("extended", retention("GOVERNANCE", FARTHER), 200),
    retain("shortened", retention("GOVERNANCE", FAR), 403, "AccessDenied"),
    retain("another mode", retention("COMPLIANCE", FARTHER), 403, "AccessDenied"),
    retain("removed", b"<Retention/>", 403, "AccessDenied"),
    retain("bypass says false", retention("GOVERNANCE", FAR), 403, "AccessDenied", headers=[(BYPASS[0], "false")]),
    retain("shortened, bypass", retention("GOVERNANCE", NEARER), 200, headers=[BYPASS]),
    retain("removed, bypass", b"<Retention/>", 200, headers=[BYPASS]),
    Row("retention: gone", "GET", "/lock/k?retention", 404, "NoSuchObjectLockConfiguration"),
    retain("GOVERNANCE again", retention("GOVERNANCE", FAR), 200),
    retain("another mode, bypass", retention("COMPLIANCE", FAR), 200, headers=[BYPASS]),
    retain("COMPLIANCE shortened, bypass", retention("COMPLIANCE", NEARER), 403, "AccessDenied", headers=[BYPASS]),
    retain("COMPLIANCE to GOVERNANCE, bypass", retention("GOVERNANCE", FARTHER), 403, "AccessDenied", headers=[BYPASS]),
    retain("COMPLIANCE removed, bypass", b"<Retention/>", 403, "AccessDenied", headers=[BYPASS]),
    retain("COMPLIANCE extended", retention("COMPLIANCE", FARTHER), 200),
    Row("retention: no such method", "DELETE", "/lock/k?retention", 405, "MethodNotAllowed"),
]


def holding(name, body, status, code="", target="/lock/free?legal-hold"):
    return Row("hold: " + name, "PUT", target, status, code, body=body)


HOLDS = [
    Row("hold: unset", "GET", "/lock/free?legal-hold", 404, "NoSuchObjectLockConfiguration"),
    Row("hold: no lock", "GET", "/lock-off/k?legal-hold", 400, "InvalidRequest"),
    holding("no lock on the bucket", hold("ON"), 400, "InvalidRequest", "/lock-off/k?legal-hold"),
    holding("nothing", b"", 400, "MalformedXML"),
    holding("unknown status", hold("on"), 400, "MalformedXML"),
    holding("two", hold("ON</Status><Status>OFF"), 400, "MalformedXML"),
    holding("no status", b"<LegalHold/>", 400, "MalformedXML"),
    holding("of no key", hold("ON"), 404, "NoSuchKey", "/lock/none?legal-hold"),
    holding("on", hold("ON"), 200),
    Row("hold: is told", "HEAD", "/lock/free", 200, check=head(x_amz_object_lock_legal_hold="ON", x_amz_object_lock_mode=None)),
    holding("off", hold("OFF"), 200),
    Row("hold: off is told", "GET", "/lock/free?legal-hold", 200, check=has("<Status>OFF</Status>")),
]

DELETING = [
    Row("a marker can always be made", "DELETE", "/lock/k", 204, check=head(x_amz_delete_marker="true")),
    Row("the bucket is not empty", "DELETE", "/lock", 409, "BucketNotEmpty"),
]

ROWS = [*BUCKETS, *DEFAULTS, *HEADERS, *RETENTION, *HOLDS, *DELETING]
