# Adjusted p values by base R's p.adjust; the fixed sequence by cummax.
suppressPackageStartupMessages(library(jsonlite))
families <- list(c(0.012, 0.001, 0.03, 0.04), c(0.04, 0.045, 0.049), c(0.2, 0.9, 0.6, 0.00002, 0.03, 0.03, 0.5), c(0.5), c(0, 1, 0.3))
result <- lapply(families, function(p) list(p = I(p), holm = I(p.adjust(p, "holm")), hochberg = I(p.adjust(p, "hochberg")),
  bonferroni = I(p.adjust(p, "bonferroni")), "benjamini-hochberg" = I(p.adjust(p, "BH")), "fixed-sequence" = I(cummax(p))))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")
