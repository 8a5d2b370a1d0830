"""What to use for networks of tens of thousands of papers: networkx beside igraph and rustworkx.

``python tests/bench_networks.py [DIR] [--papers 16000] [--type Method] [--exact]`` measures a graph folder, or without one a
made-up graph of so many papers: communities, PageRank, betweenness and shortest ways from a hundred nodes, in CPU
seconds (user and system). ``--exact`` also computes betweenness from every node, by igraph and rustworkx.
"""

import argparse
import random
from time import process_time

import igraph
import networkx as nx
import rustworkx

import kg
from kg.analysis import central, communities
from kg.graph import KnowledgeGraph
from schemas.records import Entity, Link, Paper

STARTS = 100


def made_up(papers, type_):
    """A graph with hubs and a long tail as real ones have: seven entities a paper, of which some are everywhere."""
    chance = random.Random(7)
    links, counts = [], {}
    for number in range(papers):
        topic = chance.randrange(40)
        ids = {min(papers * 4, int(chance.paretovariate(0.75)) * 40 + topic) for _ in range(7)}
        for id_ in sorted(ids):
            counts[id_] = counts.get(id_, 0) + 1
            links.append(Link(paper_id=f"p{number}", entity_id=f"e{id_}", role="uses", confidence=0.9))
    return KnowledgeGraph(
        papers=[Paper(id=f"p{number}", title=f"Paper {number}", year=2000 + number % 24) for number in range(papers)],
        entities=[Entity(id=f"e{id_}", type=type_, name=f"e{id_}", papers=n) for id_, n in counts.items()],
        links=links,
    )


def timed(label, function):
    start = process_time()
    function()
    print(f"  {label:<44} {process_time() - start:8.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="a graph folder; without, a graph is made up")
    parser.add_argument("--papers", type=int, default=16_000, help="as many of its papers")
    parser.add_argument("--type", default="Method", help="of the entities")
    parser.add_argument("--exact", action="store_true", help="betweenness from every node too")
    arguments = parser.parse_args()
    if arguments.folder:
        graph = kg.open(arguments.folder)
        graph = graph.subgraph([paper.id for paper in graph.papers[: arguments.papers]])
    else:
        graph = made_up(arguments.papers, arguments.type)
    print(graph)
    network = graph.project(arguments.type)
    print(f"{arguments.type}: {len(network):,} nodes, {network.number_of_edges():,} edges; CPU seconds")
    print("making it")
    timed("graph.project(type)", lambda: graph.project(arguments.type))
    timed('graph.project(type, weight="recent")', lambda: graph.project(arguments.type, weight="recent"))
    made = {}
    timed("igraph.Graph.from_networkx", lambda: made.update(igraph=igraph.Graph.from_networkx(network)))
    timed("rustworkx.networkx_converter", lambda: made.update(rust=rustworkx.networkx_converter(network)))
    one, other = made["igraph"], made["rust"]
    few, starts = min(50, len(network)), min(STARTS, len(network))
    random.seed(0)
    print("communities")
    timed("kg.analysis.communities (networkx, Louvain)", lambda: communities(network))
    timed("igraph community_multilevel (Louvain)", lambda: one.community_multilevel(weights="weight"))
    timed("igraph community_leiden", lambda: one.community_leiden("modularity", weights="weight"))
    print("PageRank")
    timed("kg.analysis.central (numpy)", lambda: central(network, measure="pagerank"))
    timed("igraph pagerank", lambda: one.pagerank(weights="weight"))
    timed("rustworkx pagerank", lambda: rustworkx.pagerank(other.to_directed(), weight_fn=lambda data: data["weight"]))
    print("betweenness, estimated from 50 nodes")
    timed("networkx betweenness_centrality(k=50)", lambda: nx.betweenness_centrality(network, k=few, seed=0))
    timed("igraph betweenness(sources=50)", lambda: one.betweenness(sources=list(range(few))))
    if arguments.exact:
        print("betweenness, exact")
        timed("igraph betweenness", one.betweenness)
        timed("rustworkx betweenness_centrality", lambda: rustworkx.betweenness_centrality(other))
    print(f"shortest ways from {STARTS} nodes to all")
    timed("networkx", lambda: [nx.single_source_shortest_path_length(network, node) for node in list(network)[:starts]])
    timed("igraph distances", lambda: one.distances(source=list(range(starts))))
    timed(
        "rustworkx", lambda: [rustworkx.dijkstra_shortest_path_lengths(other, n, lambda _: 1.0) for n in range(starts)]
    )


if __name__ == "__main__":
    main()
