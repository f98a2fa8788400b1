"""The fitted model: the classifier, the labelled strings it learns from, and how it is measured."""
