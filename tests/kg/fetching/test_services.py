"""Each service in its own format: the fields of a paper, paging, what is asked for, and what cannot be used."""

import json
from pathlib import Path

import jsonschema
import pytest

import kg
import schemas
from schemas.errors import FetchError, InputError
from schemas.lines import paper_to_json
from schemas.records import Rejection

QUERIES = {
    "arxiv": "cat:cs.CL AND abs:retrieval",
    "openalex": "dense retrieval",
    "semanticscholar": "dense retrieval",
    "acl": "2024.acl",
    "crossref": "10.1000/x.1 10.1000/x.2 10.1000/x.3",
    "zotero": "users/1234",
}
IDS = {
    "arxiv": "arxiv:2401.00001",
    "openalex": "doi:10.1000/x.1",
    "semanticscholar": "doi:10.1000/x.1",
    "acl": "acl:2024.acl-long.1",
    "crossref": "doi:10.1000/x.1",
    "zotero": "doi:10.1000/x.1",
}


def fetched(service, query=None, **options):
    rejected = []
    papers = list(kg.fetch(service, query or QUERIES[service], on_reject=rejected.append, **options))
    return papers, rejected


@pytest.mark.parametrize("service", QUERIES)
def test_papers_have_what_the_service_says_of_them(services, service):
    papers, rejected = fetched(service)
    assert rejected == []
    assert len(papers) == 3
    schema = json.loads((Path(schemas.__file__).parent / "paper.schema.json").read_text(encoding="utf-8"))
    for found in papers:
        jsonschema.validate(paper_to_json(found), schema)
    first = papers[0]
    assert first.id == IDS[service]
    assert first.title == "Retrieval of the 1th kind"
    assert first.abstract == "We train 1 encoders on SQuAD & find that p < 0.05 in all of them."
    assert first.authors == ("Ada Bee", "Bo Cee")
    assert first.year == (2024 if service == "acl" else 2021)
    assert first.source.startswith(service if service != "acl" else "2024.acl.xml:")
    if service != "arxiv":
        assert first.venue in ("Proceedings of X", "Proc. X", "Journal of X")
    if service in ("arxiv", "semanticscholar", "zotero"):
        assert first.arxiv_id == "2401.00001"


@pytest.mark.parametrize("service", ["arxiv", "openalex", "semanticscholar", "crossref", "zotero"])
def test_pages_follow_one_another(services, paper, service):
    services.papers = [paper(number) for number in range(1, 251)]
    query = QUERIES[service] if service != "crossref" else " ".join(f"10.1000/x.{n}" for n in range(1, 251))
    papers, rejected = fetched(service, query)
    assert [p.title for p in papers] == [p["title"] for p in services.papers]
    assert rejected == []
    requests = {"arxiv": 2, "openalex": 3, "semanticscholar": 84, "crossref": 7, "zotero": 3}[service]
    assert len(services.requests) == requests


@pytest.mark.parametrize("service", QUERIES)
def test_no_more_is_asked_for_than_the_limit(services, paper, service):
    services.papers = [paper(number) for number in range(1, 251)]
    papers, _ = fetched(service, limit=2)
    assert len(papers) == 2
    assert len(services.requests) == 1


@pytest.mark.parametrize("service", ["arxiv", "openalex", "semanticscholar"])
def test_a_service_without_such_papers_gives_none(services, service):
    services.papers = []
    assert fetched(service) == ([], [])


def test_queries_are_asked_as_they_are_given(services):
    def asked(service, query, **options):
        fetched(service, query, **options)
        return services.requests[-1].parameters

    given = asked("arxiv", "cat:cs.CL AND (abs:a OR ti:b)", since="2023-05")
    assert given["search_query"] == "(cat:cs.CL AND (abs:a OR ti:b)) AND submittedDate:[202305010000 TO 209912312359]"
    assert (given["sortBy"], given["sortOrder"]) == ("submittedDate", "descending")
    given = asked("openalex", "retrieval: a survey", since="2023")
    assert (given["search"], given["filter"]) == ("retrieval: a survey", "from_publication_date:2023-01-01")
    given = asked("openalex", "title_and_abstract.search:dense retrieval,publication_year:2023", since="2023")
    assert "search" not in given
    assert given["filter"].endswith("dense retrieval,publication_year:2023,from_publication_date:2023-01-01")
    given = asked("semanticscholar", '"dense retrieval" -survey', since="2023-05-06")
    assert (given["query"], given["publicationDateOrYear"]) == ('"dense retrieval" -survey', "2023-05-06:")
    assert given["sort"] == "publicationDate:desc"
    asked("zotero", "groups/55/collections/ABCD2345")
    assert services.requests[-1].path == "/zotero/groups/55/collections/ABCD2345/items/top"
    assert services.requests[-1].headers["Zotero-API-Version"] == "3"
    asked("zotero", "local")
    assert services.requests[-1].path == "/zotero/users/0/items/top"


def test_arxiv_takes_ids(services):
    papers, _ = fetched("arxiv", "id:2401.00003v2, arXiv:2401.00001")
    assert services.requests[-1].parameters["id_list"] == "2401.00003,2401.00001"
    assert len(papers) == 2


def test_crossref_takes_files_of_dois_and_says_which_it_lacks(services, tmp_path):
    (tmp_path / "dois.txt").write_text(
        "# mine\nhttps://doi.org/10.1000/X.2\n\n  doi = {10.1000/x.1},\nnothing here\n10.48550/arXiv.2401.00001\n"
    )
    papers, rejected = fetched("crossref", [str(tmp_path / "dois.txt"), "10.1000/lost", "10.1000/x.2"])
    assert [p.doi for p in papers] == ["10.1000/x.2", "10.1000/x.1"]
    assert rejected == [
        Rejection("dois.txt:5", "no DOI in this line"),
        Rejection(
            "crossref:10.48550/arxiv.2401.00001",
            "not registered with Crossref; it is one of arXiv's: kg fetch arxiv id:2401.00001",
        ),
        Rejection("crossref:10.1000/lost", "not registered with Crossref"),
    ]


def test_a_doi_with_a_comma_is_asked_for_alone(services, paper):
    services.papers.append(paper(4) | {"doi": "10.1000/a,b/c"})
    papers, rejected = fetched("crossref", ["10.1000/x.1", "10.1000/a,b/c", "10.1000/d,e"])
    assert [p.doi for p in papers] == ["10.1000/x.1", "10.1000/a,b/c"]
    assert [r.source for r in rejected] == ["crossref:10.1000/d,e"]
    assert [r.raw for r in services.requests][1] == "/crossref/works/10.1000%2Fa%2Cb%2Fc"


def test_the_anthology_gives_collections_volumes_years_and_everything(services, paper):
    services.papers[1]["volume"] = "short"
    papers, rejected = fetched("acl", "2024.acl-short, 2099.acl")
    assert [p.id for p in papers] == ["acl:2024.acl-short.2"]
    assert rejected == [Rejection("acl:2099.acl", "the Anthology has no collection '2099.acl'")]
    assert fetched("acl", "2024.acl", since="2025")[1][0].reason == "no paper that is asked for is in it"
    papers, rejected = fetched("acl", "all", since="2022")
    assert [(p.id, p.year, p.authors[0]) for p in papers] == [
        ("acl:2024.acl-long.2", 2022, "Ada Bee"),
        ("acl:2024.acl-long.3", 2023, "Ada Bee"),
    ]
    assert rejected == []


def test_zotero_leaves_out_notes_and_what_was_added_before(services, paper):
    services.papers[0]["type"] = "note"
    services.papers.append(paper(4) | {"title": ""})
    papers, rejected = fetched("zotero")
    assert [p.title for p in papers] == ["Retrieval of the 2th kind", "Retrieval of the 3th kind"]
    assert [r.source for r in rejected] == ["zotero items 1-4:3"]
    papers, _ = fetched("zotero", since="2024-03-03")
    assert [p.title for p in papers] == ["Retrieval of the 3th kind"]


def test_a_library_that_changes_meanwhile_is_gone_through_again(services, paper, faults):
    services.papers = [paper(number) for number in range(1, 151)]

    def removed(handler, asked):
        del services.papers[0]
        services.zotero_version = "8"
        handler.answer(*services.answer(asked))

    services.faults += [None, removed]
    papers, _ = fetched("zotero")
    assert [p.doi for p in papers] == [f"10.1000/x.{n}" for n in range(1, 151)]
    assert [r.parameters["start"] for r in services.requests] == ["0", "100", "0", "100"]


def test_zotero_reads_exported_files(services, tmp_path):
    item = {
        "id": "bee2020",
        "type": "paper-conference",
        "title": "On X",
        "abstract": "We study X, where a < b.",
        "container-title": "Proceedings of X",
        "DOI": "10.1000/x",
        "author": [{"family": "Bee", "given": "Ada"}],
        "issued": {"date-parts": [["2020", 7]]},
    }
    path = tmp_path / "My Library.json"
    path.write_text(json.dumps([item, {"type": "book"}]))
    (found,), rejected = fetched("zotero", str(path))
    assert (found.id, found.year, found.venue) == ("doi:10.1000/x", 2020, "Proceedings of X")
    assert found.abstract == "We study X, where a < b."
    assert [r.source for r in rejected] == ["My Library.json:1"]
    assert services.requests == []


@pytest.mark.parametrize("service", QUERIES)
def test_a_record_without_title_costs_nothing_else(services, service):
    services.papers[1]["title"] = ""
    papers, rejected = fetched(service)
    # the Anthology's titles keep their first letter here
    assert len(papers) + len(rejected) == 3
    if service != "acl":
        assert [p.title for p in papers] == ["Retrieval of the 1th kind", "Retrieval of the 3th kind"]
        assert "no title" in rejected[0].reason


@pytest.mark.parametrize("service", ["openalex", "semanticscholar", "zotero"])
def test_records_of_another_form_are_rejected_one_by_one(services, faults, service):
    def change(body):
        value = json.loads(body)
        records = value if isinstance(value, list) else value.get("results", value.get("data"))
        records[:] = [7, records[0], {"title": {"en": "x"}}, None]
        return json.dumps(value)

    services.faults.append(faults.changed(change))
    papers, rejected = fetched(service, limit=1)
    assert (len(papers), len(rejected)) == (1, 1)


@pytest.mark.parametrize(
    ("service", "query", "options", "message"),
    [
        ("pubmed", "x", {}, "available: arxiv, openalex, semanticscholar, acl, crossref, zotero"),
        ("arxiv", " ", {}, "give a query"),
        ("arxiv", "id:17", {}, "'17' is no id of arXiv"),
        ("arxiv", "id:2401.00001", {"since": "2023"}, "leave out the date"),
        ("arxiv", "x", {"since": "May"}, "'May' is no date"),
        ("arxiv", "x", {"limit": 0}, "give 1 or more"),
        ("acl", "../../etc/passwd", {}, "no collection of the Anthology"),
        ("acl", "2024.acl 2024.acl/x", {}, "'2024.acl/x' is no collection"),
        ("crossref", "dois.txt", {}, "neither a DOI nor a file"),
        ("crossref", "10.1000/x", {"since": "2023"}, "leave out the date"),
        ("zotero", "users/me", {}, "neither a library nor a file"),
        ("zotero", "users/1/../2", {}, "neither a library nor a file"),
    ],
)
def test_queries_that_are_none_are_refused_at_once(services, service, query, options, message):
    with pytest.raises(InputError, match=message):
        kg.fetch(service, query, **options)
    assert services.requests == []


@pytest.mark.parametrize(
    ("service", "code", "body", "kind", "said"),
    [
        ("openalex", 400, '{"error": "Invalid query parameters error.", "message": "x is not a valid field."}',
         "application/json", "Invalid query parameters error.: x is not a valid field."),
        ("semanticscholar", 400, '{"error": "Unsupported query"}', "application/json", "Unsupported query"),
        ("crossref", 400, '{"status":"failed","message-type":"validation-failure","message":[{"type":"filter-not-available",'
         '"value":"x","message":"Filter x specified but there is no such filter"}]}', "application/json",
         "there is no such filter"),
        ("zotero", 404, "User not found", "text/plain", "User not found"),
        ("arxiv", 400, '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#x</id>'
         "<title>Error</title><summary>incorrect id format for &lt;1&gt;</summary></entry></feed>",
         "application/atom+xml", "incorrect id format for <1>"),
        ("arxiv", 200, '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#x</id>'
         "<title>Error</title><summary>start must be less\n than 30000</summary></entry></feed>",
         "application/atom+xml", "start must be less than 30000"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_services_own_words(services, faults, service, code, body, kind, said):
    services.faults.append(faults.status(code, body, Content_Type=kind))
    with pytest.raises(FetchError) as refused:
        fetched(service)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(services.requests) == 1
