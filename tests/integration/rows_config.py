# SPDX-License-Identifier: MIT
"""Configurations of a bucket: CORS and what it does, tags, who pays, acceleration."""
from digests import md5
from row import Row, has

APP = "http://app.example"
ALLOWED = {"access_control_allow_origin": APP, "access_control_allow_methods": "GET, PUT",
           "access_control_expose_headers": "ETag, x-amz-version-id", "access_control_max_age": "3000",
           "access_control_allow_credentials": "true",
           "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"}


def head(**wanted):
    """As row.head; a front server may write a list without blanks."""
    return lambda r: all((r.header(name.replace("_", "-")) or "").replace(", ", ",") == (value or "").replace(", ", ",")
                         for name, value in wanted.items())


SILENT = {name: None for name in ALLOWED if name != "vary"}


def rule(*elements):
    return "<CORSRule>%s</CORSRule>" % "".join(f"<{name}>{text}</{name}>" for name, text in elements)


def cors(*rules):
    return ("<CORSConfiguration>%s</CORSConfiguration>" % "".join(rules)).encode()


LEAST = (("AllowedOrigin", "*"), ("AllowedMethod", "GET"))
RULES = cors(
    rule(("ID", "app"), ("AllowedOrigin", "http://*.example"), ("AllowedMethod", "GET"), ("AllowedMethod", "PUT"),
         ("AllowedHeader", "x-amz-*"), ("AllowedHeader", "Content-Type"), ("ExposeHeader", "ETag"),
         ("ExposeHeader", "x-amz-version-id"), ("MaxAgeSeconds", "3000")),
    rule(("AllowedOrigin", "*"), ("AllowedMethod", "HEAD")))


def tags(*pairs):
    inner = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{inner}</TagSet></Tagging>".encode()


def payer(who):
    return f"<RequestPaymentConfiguration><Payer>{who}</Payer></RequestPaymentConfiguration>".encode()


def accelerate(status):
    return f"<AccelerateConfiguration><Status>{status}</Status></AccelerateConfiguration>".encode()


def make_world(wire):
    for bucket in ("cfg", "cfg-plain", "cfg.dot"):
        assert wire.send("PUT", "/" + bucket).status == 200
    assert wire.send("PUT", "/cfg/k", body=b"hello").status == 200


def put(name, query, code, body, status=400, target="/cfg-plain", **more):
    return Row(f"{query}: {name}", "PUT", f"{target}?{query}", status, code, body=body, **more)


SETTING_CORS = [
    Row("cors: unset", "GET", "/cfg-plain?cors", 404, "NoSuchCORSConfiguration", check=has("<BucketName>cfg-plain<")),
    Row("cors: delete unset", "DELETE", "/cfg-plain?cors", 204),
    Row("cors: no bucket", "PUT", "/nobucket-x?cors", 404, "NoSuchBucket", body=RULES),
    Row("cors: anonymous", "PUT", "/cfg-plain?cors", 403, "AccessDenied", body=RULES, anonymous=True),
    put("nothing", "cors", "MalformedXML", b""),
    put("not XML", "cors", "MalformedXML", b"{}"),
    put("another root", "cors", "MalformedXML", b"<CORS/>"),
    put("no rules", "cors", "MalformedXML", cors()),
    put("100 rules", "cors", "", cors(*[rule(*LEAST)] * 100), 200),
    put("101 rules", "cors", "MalformedXML", cors(*[rule(*LEAST)] * 101)),
    put("no origin", "cors", "MalformedXML", cors(rule(LEAST[1]))),
    put("no method", "cors", "MalformedXML", cors(rule(LEAST[0]))),
    put("unknown element", "cors", "MalformedXML", cors(rule(*LEAST, ("Allowed", "x")))),
    put("method in lower case", "cors", "InvalidRequest", cors(rule(LEAST[0], ("AllowedMethod", "get")))),
    put("unknown method", "cors", "InvalidRequest", cors(rule(*LEAST, ("AllowedMethod", "PATCH")))),
    put("two wildcards in an origin", "cors", "InvalidRequest", cors(rule(*LEAST, ("AllowedOrigin", "http://*.*")))),
    put("two wildcards in a header", "cors", "InvalidRequest", cors(rule(*LEAST, ("AllowedHeader", "*a*")))),
    put("wildcard to expose", "cors", "InvalidRequest", cors(rule(*LEAST, ("ExposeHeader", "*")))),
    put("line break to expose", "cors", "InvalidRequest", cors(rule(*LEAST, ("ExposeHeader", "a&#13;&#10;b: c")))),
    put("line break in an origin", "cors", "InvalidRequest", cors(rule(*LEAST, ("AllowedOrigin", "a&#10;")))),
    put("ID of 255", "cors", "", cors(rule(*LEAST, ("ID", "é" * 255))), 200),
    put("ID of 256", "cors", "InvalidRequest", cors(rule(*LEAST, ("ID", "x" * 256)))),
    put("age not a number", "cors", "MalformedXML", cors(rule(*LEAST, ("MaxAgeSeconds", "1h")))),
    put("64 KiB", "cors", "", cors(rule(*LEAST)).rjust(64 << 10), 200),
    put("over 64 KiB", "cors", None, cors(rule(*LEAST)).rjust((64 << 10) + 1)),
    put("wrong digest", "cors", "BadDigest", cors(rule(*LEAST)), headers=[("Content-MD5", md5(b"other"))]),
    Row("cors: delete", "DELETE", "/cfg-plain?cors", 204),
    Row("cors: deleted", "GET", "/cfg-plain?cors", 404, "NoSuchCORSConfiguration"),
    put("set", "cors", "", RULES, 200, target="/cfg", headers=[("Content-MD5", md5(RULES))]),
    Row("cors: read", "GET", "/cfg?cors", 200, check=has("<ID>app</ID>", "<AllowedOrigin>http://*.example</AllowedOrigin>",
                                                         "<MaxAgeSeconds>3000</MaxAgeSeconds>")),
]


def preflight(name, status, code="", origin=APP, method="PUT", headers=None, target="/cfg/k", check=None, **how):
    sent = (("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers))
    return Row(f"preflight: {name}", "OPTIONS", target, status, code, [pair for pair in sent if pair[1] is not None],
               check=check or head(**(ALLOWED if status == 200 else SILENT)), anonymous=True, **how)


PREFLIGHT = [
    preflight("of an object", 200),
    preflight("of the bucket", 200, target="/cfg"),
    preflight("of no key", 200, target="/cfg/none"),
    preflight("with headers", 200, headers="content-type, X-Amz-Date,",
              check=head(access_control_allow_headers="content-type, X-Amz-Date", **ALLOWED)),
    preflight("of a sub-resource", 200, target="/cfg/k?uploads"),
    preflight("of a presigned URL", 200, target="/cfg/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2Fy&X-Amz-Date=x"
              "&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=x"),
    preflight("of a presigned URL, V2", 200, target="/cfg/k?AWSAccessKeyId=x&Signature=x&Expires=1"),
    preflight("of any origin", 200, origin="null", method="HEAD",
              check=head(access_control_allow_origin="*", access_control_allow_credentials=None,
                         access_control_allow_methods="HEAD", vary=ALLOWED["vary"])),
    preflight("without origin", 400, "BadRequest", origin=None),
    preflight("without method", 400, "BadRequest", method=None),
    preflight("with nothing", 400, "BadRequest", origin=None, method=None),
    preflight("other origin", 403, "AccessForbidden", origin="http://app.org"),
    preflight("origin in upper case", 403, "AccessForbidden", origin="HTTP://app.example"),
    preflight("other method", 403, "AccessForbidden", method="DELETE", check=has("<Method>DELETE<", "<ResourceType>OBJECT<")),
    preflight("method in lower case", 403, "AccessForbidden", method="put"),
    preflight("other header", 403, "AccessForbidden", headers="x-amz-date, authorization"),
    preflight("no rules", 403, "AccessForbidden", target="/cfg-plain/k"),
    preflight("no bucket", 403, "AccessForbidden", target="/nobucket-x/k"),
    preflight("no name", 400, "InvalidBucketName", target="/A_B/k"),
    Row("preflight: signed", "OPTIONS", "/cfg/k", 400, "BadRequest"),
    Row("preflight: signed, of the bucket", "OPTIONS", "/cfg", 400, "BadRequest"),
    Row("preflight: of the service", "OPTIONS", "/", 405, "MethodNotAllowed", anonymous=True),
]


def real(name, method, target, status, code="", origin=APP, told=None, headers=(), **how):
    return Row(f"from an origin: {name}", method, target, status, code, [("Origin", origin), *headers],
               check=head(**(ALLOWED if told is None else told)), **how)


REAL = [
    real("get", "GET", "/cfg/k", 200),
    real("head", "HEAD", "/cfg/k", 200, told={"access_control_allow_origin": "*", "access_control_allow_methods": "HEAD",
                                              "access_control_allow_credentials": None}),
    real("range", "GET", "/cfg/k", 206, headers=[("Range", "bytes=0-0")]),
    real("not modified", "GET", "/cfg/k", 304, headers=[("If-None-Match", "*")]),
    real("put", "PUT", "/cfg/new", 200, body=b"x"),
    real("list", "GET", "/cfg", 200),
    real("no key", "GET", "/cfg/none", 404, "NoSuchKey"),
    real("failed condition", "GET", "/cfg/k", 412, "PreconditionFailed", headers=[("If-Match", '"x"')]),
    real("anonymous", "GET", "/cfg/k", 403, "AccessDenied", anonymous=True),
    real("wrong secret", "GET", "/cfg/k", 403, "SignatureDoesNotMatch", secret="x" * 40),
    real("unknown key", "GET", "/cfg/k", 403, "InvalidAccessKeyId", access_key="AKIAUNKNOWNUNKNOWN00"),
    real("not there", "PUT", "/cfg?policy", 501, "NotImplemented", body=b"x"),
    real("the method asked for", "DELETE", "/cfg/new", 204, headers=[("Access-Control-Request-Method", "PUT")]),
    real("another method asked for", "GET", "/cfg/k", 200, told=SILENT, headers=[("Access-Control-Request-Method", "POST")]),
    real("method without a rule", "DELETE", "/cfg/new", 204, told=SILENT),
    real("other origin", "GET", "/cfg/k", 200, origin="http://app.org", told=SILENT),
    real("no rules", "GET", "/cfg-plain", 200, told={**SILENT, "vary": None}),
    real("no bucket", "GET", "/nobucket-x", 404, "NoSuchBucket", told={**SILENT, "vary": None}),
    Row("without an origin", "GET", "/cfg/k", 200, check=head(vary=ALLOWED["vary"], **SILENT)),
]

TAGGING = [
    Row("tagging: unset", "GET", "/cfg?tagging", 404, "NoSuchTagSet", check=has("<BucketName>cfg<")),
    Row("tagging: delete unset", "DELETE", "/cfg?tagging", 204),
    put("50", "tagging", "", tags(*[(f"k{i}", "v") for i in range(50)]), 204),
    put("51", "tagging", "InvalidTag", tags(*[(f"k{i}", "v") for i in range(51)])),
    put("twice", "tagging", "InvalidTag", tags(("a", "1"), ("a", "2"))),
    put("long", "tagging", "InvalidTag", tags(("k" * 129, ""))),
    put("ours", "tagging", "InvalidTag", tags(("aws:x", ""))),
    put("no set", "tagging", "MalformedXML", b"<Tagging/>"),
    put("nothing", "tagging", "MalformedXML", b""),
    Row("tagging: what was legal stays", "GET", "/cfg-plain?tagging", 200, check=has("<Key>k49</Key>")),
    put("replaced", "tagging", "", tags(("a b", "ü")), 204),
    Row("tagging: read", "GET", "/cfg-plain?tagging", 200,
        check=has("<TagSet><Tag><Key>a b</Key><Value>ü</Value></Tag></TagSet>")),
    Row("tagging: delete", "DELETE", "/cfg-plain?tagging", 204),
    Row("tagging: deleted", "GET", "/cfg-plain?tagging", 404, "NoSuchTagSet"),
    put("anonymous", "tagging", "AccessDenied", tags(), 403, anonymous=True),
]

WORDS = [
    Row("payer: unset", "GET", "/cfg?requestPayment", 200, check=has("<Payer>BucketOwner</Payer>")),
    put("wrong case", "requestPayment", "MalformedXML", payer("requester")),
    put("nothing", "requestPayment", "MalformedXML", b""),
    put("no payer", "requestPayment", "MalformedXML", b"<RequestPaymentConfiguration/>"),
    put("requester", "requestPayment", "", payer("Requester"), 200),
    Row("payer: read", "GET", "/cfg-plain?requestPayment", 200, check=has("<Payer>Requester</Payer>")),
    Row("payer: the owner says nothing", "GET", "/cfg-plain", 200, check=head(x_amz_request_charged=None)),
    Row("payer: the owner says it", "GET", "/cfg-plain", 200, "", [("x-amz-request-payer", "requester")],
        check=head(x_amz_request_charged=None)),
    Row("payer: nobody", "GET", "/cfg-plain", 403, "AccessDenied", [("x-amz-request-payer", "requester")], anonymous=True),
    put("owner", "requestPayment", "", payer("BucketOwner"), 200),
    Row("payer: read again", "GET", "/cfg-plain?requestPayment", 200, check=has("<Payer>BucketOwner</Payer>")),
    Row("payer: no delete", "DELETE", "/cfg?requestPayment", 405, "MethodNotAllowed"),
    Row("accelerate: unset", "GET", "/cfg?accelerate", 200, check=lambda r: b"Status" not in r.body),
    put("wrong case", "accelerate", "MalformedXML", accelerate("enabled")),
    put("no status", "accelerate", "MalformedXML", b"<AccelerateConfiguration/>"),
    put("a dot", "accelerate", "InvalidRequest", accelerate("Enabled"), target="/cfg.dot"),
    put("on", "accelerate", "", accelerate("Enabled"), 200),
    Row("accelerate: read", "GET", "/cfg-plain?accelerate", 200, check=has("<Status>Enabled</Status>")),
    put("off", "accelerate", "", accelerate("Suspended"), 200),
    Row("accelerate: read again", "GET", "/cfg-plain?accelerate", 200, check=has("<Status>Suspended</Status>")),
    Row("accelerate: no delete", "DELETE", "/cfg?accelerate", 405, "MethodNotAllowed"),
]

ROWS = SETTING_CORS + PREFLIGHT + REAL + TAGGING + WORDS
