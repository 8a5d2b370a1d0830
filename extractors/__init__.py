"""Reading one document: spaCy components that find entities, roles and results in a title and abstract.

``load`` gives the pipeline, ``extract`` runs it over papers; importing this package does not load spaCy.
"""

from extractors.display import displacy_options
from extractors.pipeline import extract, load, pipeline_version, version_of

__all__ = ["displacy_options", "extract", "load", "pipeline_version", "version_of"]
