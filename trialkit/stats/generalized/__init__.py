"""Models of a category: logistic, Firth's penalized logistic, proportional odds."""
