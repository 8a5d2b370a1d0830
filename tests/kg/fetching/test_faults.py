"""What goes wrong on the way: asked again where that helps, in the time that the service names, and told in one line."""

import pytest

import kg
from kg import fetching
from kg.fetching import client
from schemas.errors import FetchError, InputError

WAYS = ["cut", "cut_unnoticed", "drop"]
SERVICES = ["arxiv", "openalex", "semanticscholar", "acl", "crossref", "zotero"]
QUERIES = {"acl": "2024.acl", "crossref": "10.1000/x.1,10.1000/x.2 10.1000/x.3", "zotero": "users/1234"}
QUERIES["crossref"] = "10.1000/x.1 10.1000/x.2 10.1000/x.3"


def fetched(service, **options):
    return list(kg.fetch(service, QUERIES.get(service, "x"), **options))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_breaks_off_is_asked_for_again(services, faults, service, way):
    services.faults += [getattr(faults, way)] * 2
    assert len(fetched(service)) == 3
    assert len(services.requests) == 3


@pytest.mark.parametrize("way", WAYS)
def test_the_one_large_file_of_the_anthology_too(services, faults, way):
    services.faults += [getattr(faults, way)]
    if way == "cut_unnoticed":  # nothing tells before it is unpacked
        with pytest.raises(FetchError, match="cannot be read to its end"):
            list(kg.fetch("acl", "all"))
    else:
        assert len(list(kg.fetch("acl", "all"))) == 3


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("code", [429, 500, 503])
def test_busy_services_are_given_time(services, faults, service, code):
    services.faults += [faults.status(code), faults.status(code, Retry_After="17"), faults.status(code)]
    assert len(fetched(service)) == 3
    first, second, third = services.waits()
    pace = fetching.SERVICES[service].interval
    assert (first, second, third) == (max(1, pace), 17, max(4, pace))


def test_openalex_says_403_when_it_means_429(services, faults):
    services.faults.append(faults.status(403, '{"error": "Rate limit exceeded"}'))
    assert len(fetched("openalex")) == 3


def test_a_date_to_come_again_at_is_understood_and_rubbish_is_not_minded(services, faults):
    services.faults += [
        faults.status(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"),
        faults.status(503, Retry_After="soon"),
        faults.status(503, Retry_After="-5"),
    ]
    assert len(fetched("openalex")) == 3
    assert services.waits() == [0.1, 2, 4]


def test_patience_has_an_end(services, faults):
    services.faults += [faults.status(500, "Out of order", Content_Type="text/plain")] * 9
    with pytest.raises(FetchError, match=r"openalex .* answers 500 .*: Out of order, 6 times: the same call goes on"):
        fetched("openalex")
    assert services.waits() == [1, 2, 4, 8, 16]


def test_a_service_that_asks_for_hours_is_not_waited_for(services, faults):
    body = '{"error": "Rate limit exceeded", "message": "Insufficient budget."}'
    services.faults.append(faults.status(429, body, Retry_After="7200"))
    with pytest.raises(FetchError, match=r"Insufficient budget., and asks to wait 7,200 seconds"):
        fetched("openalex")
    assert len(services.requests) == 1


@pytest.mark.parametrize(
    ("service", "seconds"),
    [("arxiv", 3), ("openalex", 0.1), ("semanticscholar", 1), ("crossref", 1), ("zotero", 0.5)],
)
def test_requests_keep_the_pace_of_the_service(services, paper, service, seconds):
    many = 20 if service == "semanticscholar" else 1000  # its pages are small here
    services.papers = [paper(number) for number in range(1, many + 1)]
    query = " ".join(p["doi"] for p in services.papers) if service == "crossref" else QUERIES.get(service, "x")
    assert len(list(kg.fetch(service, query))) == many
    assert len(services.requests) > 4
    assert set(services.waits()) == {seconds}


def test_the_pace_is_kept_from_one_query_to_the_next(services):
    for _ in range(3):
        fetched("arxiv")
    assert services.waits() == [3, 3]


def test_long_waits_are_told(services, faults, caplog):
    caplog.set_level("INFO")
    services.faults += [faults.status(429, Retry_After="9"), faults.status(429, "Slow down", Retry_After="90")]
    fetched("semanticscholar")
    (told,) = caplog.messages
    assert told.endswith("answers 429 Too Many Requests: Slow down; asking again in 90 seconds")


def test_time_that_passes_anyway_is_not_waited(services, paper):
    services.papers = [paper(number) for number in range(1, 401)]
    for paper_ in kg.fetch("arxiv", "x"):
        if paper_.id == "arxiv:2401.00200":
            services.clock.time += 2
    assert services.clock.waits == [0, 1]


def test_services_may_ask_to_go_slower(services, faults):
    services.papers *= 40
    slow = faults.status(200, "[]", Content_Type="application/json", Backoff="30", Total_Results="120")
    services.faults += [None, slow]
    assert len(fetched("zotero")) == 3
    assert services.waits() == [0.5, 30]
    services.requests.clear()

    def limited(handler, asked):
        status, body, headers = services.answer(asked)
        handler.answer(status, body, headers | {"X-Rate-Limit-Limit": "1", "X-Rate-Limit-Interval": "5s"})

    services.faults += [limited]
    list(kg.fetch("crossref", [f"10.1000/y.{n}" for n in range(100)], on_reject=print))
    assert services.waits() == [5, 5]


@pytest.mark.parametrize("service", ["arxiv", "openalex", "semanticscholar", "zotero"])
def test_an_empty_page_in_the_middle_is_not_the_end(services, faults, paper, service):
    many = 20 if service == "semanticscholar" else 400
    services.papers = [paper(number) for number in range(1, many + 1)]

    def empty(handler, asked):
        papers, services.papers = services.papers, []
        try:
            status, body, headers = services.answer(asked)
        finally:
            services.papers = papers
        body = body.replace(">0</opensearch:totalResults", ">400</opensearch:totalResults")
        body = body.replace('"count": 0', '"count": 400').replace('"token": null', '"token": "TOKEN9"')
        handler.answer(status, body, headers | ({"Total-Results": "400"} if service == "zotero" else {}))

    services.faults += [None, empty, empty]
    assert len(fetched(service)) == many
    services.faults += [None] + [empty] * 9
    with pytest.raises(FetchError, match="an empty page, where .*more .* announced, 6 times"):
        fetched(service)


@pytest.mark.parametrize("service", ["openalex", "semanticscholar", "crossref", "zotero"])
def test_a_field_that_is_gone_is_named(services, faults, service):
    body = '{"status": "ok", "outcome": [], "total": 3}'
    services.faults += [faults.status(200, body, Content_Type="application/json")] * 9
    with pytest.raises(FetchError, match="where an array|has no (list|'message')"):
        fetched(service)


def test_totals_that_are_gone_or_odd_do_no_harm(services, faults):
    services.faults.append(faults.changed(lambda body: body.replace("totalResults", "sum")))
    assert len(fetched("arxiv")) == 3
    for old, new in (('"count": 3', '"count": "3"'), ('"meta"', '"header"')):
        services.faults.append(faults.changed(lambda body, old=old, new=new: body.replace(old, new)))
        assert len(fetched("openalex")) == 3


@pytest.mark.parametrize("service", SERVICES)
def test_a_page_for_people_is_no_answer(services, faults, service):
    page = "<!DOCTYPE html><html><title>Log in</title></html>"
    services.faults += [faults.status(200, page, Content_Type="text/html; charset=utf-8")] * 9
    with pytest.raises(FetchError, match=r"answers with 'text/html' where .* is expected: is a login page"):
        fetched(service)


def test_an_answer_that_does_not_come_is_asked_for_again(services, faults, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT", (5.0, 0.05))
    services.faults.append(faults.silent)
    assert len(fetched("zotero")) == 3


def test_an_answer_that_trickles_is_given_up(services, paper, monkeypatch):
    services.papers = [paper(number) for number in range(1, 201)]
    monkeypatch.setattr(services.clock, "tick", 100.0)  # each look at the clock finds it that much later
    with pytest.raises(FetchError, match="the answer takes too long"):
        fetched("arxiv")


def test_an_answer_without_end_is_not_read(services, faults):
    services.faults.append(faults.endless)
    with pytest.raises(FetchError, match=r"sends more than 67,108,864 bytes in one answer"):
        fetched("openalex")
    assert len(services.requests) == 1


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read(services, faults):
    import gzip

    bomb = gzip.compress(bytes(80 << 20))
    services.faults.append(faults.status(200, bomb, Content_Type="application/json", Content_Encoding="gzip"))
    with pytest.raises(FetchError, match="sends more than"):
        fetched("openalex")


def test_redirections_are_followed_but_not_in_a_circle(services, faults):
    services.faults.append(faults.to(f"{services.url}/zotero/users/1234/items/top?start=0&limit=100", 301))
    assert len(fetched("zotero")) == 3
    services.faults += [faults.to(f"{services.url}/openalex/works")] * 9
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetched("openalex")
    services.faults += [faults.to("file:///etc/passwd")]
    with pytest.raises(FetchError, match="points to an address that is none"):
        fetched("openalex")


@pytest.mark.parametrize(
    ("service", "header", "value"),
    [
        ("openalex", "Authorization", "Bearer s3cret-k3y"),
        ("semanticscholar", "x-api-key", "s3cret-k3y"),
        ("crossref", "Crossref-Plus-API-Token", "Bearer s3cret-k3y"),
        ("zotero", "Zotero-API-Key", "s3cret-k3y"),
    ],
)
def test_keys_go_to_the_service_alone_and_into_no_message(
    services, faults, monkeypatch, caplog, service, header, value
):
    caplog.set_level(0)
    monkeypatch.setenv(f"KG_{service.upper()}_KEY", "s3cret-k3y")
    elsewhere = services.url.replace("127.0.0.1", "localhost") + "/elsewhere"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    services.faults += [None, faults.to(elsewhere), faults.status(401, "no such key: s3cret-k3y")]
    assert len(fetched(service)) == 3
    assert services.requests[0].headers[header] == value
    with pytest.raises(FetchError) as refused:
        fetched(service)
    assert services.requests[1].headers[header] == value
    assert services.requests[2].headers[header] is None
    assert "no such key: ***" in str(refused.value)
    if fetching.SERVICES[service].hint:
        assert str(refused.value).endswith(fetching.SERVICES[service].hint)
    assert "s3cret" not in str(refused.value) + caplog.text + "".join(r.raw for r in services.requests)


def test_keys_do_not_go_to_the_zotero_of_this_machine(services, monkeypatch):
    monkeypatch.setenv("KG_ZOTERO_KEY", "s3cret-k3y")
    monkeypatch.delenv("KG_ZOTERO_URL")
    monkeypatch.setattr("kg.fetching.zotero.LOCAL", f"{services.url}/zotero")
    assert len(list(kg.fetch("zotero", "local"))) == 3
    assert services.requests[0].headers["Zotero-API-Key"] is None
    monkeypatch.setattr("kg.fetching.zotero.LOCAL", "http://127.0.0.1:9/api")
    with pytest.raises(
        FetchError, match=r"zotero \(http://127.0.0.1:9/api\): cannot be reached: .*Zotero must be running"
    ):
        list(kg.fetch("zotero", "local"))


def test_who_asks_is_said(services, monkeypatch):
    fetched("crossref")
    assert services.requests[-1].headers["User-Agent"] == f"abstractkg/{kg.__version__}"
    monkeypatch.setenv("KG_CONTACT", "ada@example.org")
    fetched("crossref")
    assert services.requests[-1].headers["User-Agent"] == f"abstractkg/{kg.__version__} (mailto:ada@example.org)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KG_CONTACT", "ada"),
        ("KG_CONTACT", "ada@example.org\r\nX: y"),
        ("KG_OPENALEX_KEY", "a\nb: c"),
        ("KG_OPENALEX_KEY", "schlüssel"),
        ("KG_OPENALEX_URL", "api.openalex.org"),
        ("KG_OPENALEX_URL", "https://u:p@api.openalex.org"),
        ("KG_OPENALEX_URL", "http://[1"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(services, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name) as refused:
        kg.fetch("openalex", "x")
    assert value not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_without_a_network_it_says_so_soon(services, monkeypatch, url):
    monkeypatch.setenv("KG_ARXIV_URL", url)
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(FetchError, match=r"arxiv \(http://.*\): cannot be reached: \w.*") as refused:
        fetched("arxiv")
    assert "\n" not in str(refused.value)
    assert "object at" not in str(refused.value)
    assert services.clock.waits == [0, 3]
