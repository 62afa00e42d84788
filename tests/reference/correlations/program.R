# Correlations by cor.test; partial ones as correlations of residuals with df n - 2 - k, the definition of ppcor::pcor.test.
library(jsonlite)
set.seed(77)
n <- 60
d <- data.frame(age = round(rnorm(n, 45, 12), 1), fat = NA, angle = NA, emg = NA)
d$fat <- round(20 + 0.3 * d$age + rnorm(n, sd = 5), 2)
d$angle <- round(30 - 0.2 * d$fat - 0.1 * d$age + rnorm(n, sd = 4), 1)
d$emg <- round(exp(rnorm(n) + 0.02 * d$age), 3)
d$fat[c(3, 9)] <- NA; d$emg[17] <- NA
write.csv(d, "people.csv", row.names = FALSE, na = "")
pairs <- list(c("fat", "angle"), c("fat", "emg"), c("angle", "emg"))
plain <- lapply(pairs, function(p) { t <- cor.test(d[[p[1]]], d[[p[2]]]); list(r = unname(t$estimate), p = t$p.value, df = unname(t$parameter), lower = t$conf.int[1], upper = t$conf.int[2]) })
partial <- lapply(pairs, function(p) {
  x <- d[complete.cases(d[, c(p, "age")]), ]
  r <- cor(resid(lm(x[[p[1]]] ~ age, x)), resid(lm(x[[p[2]]] ~ age, x))); df <- nrow(x) - 3
  t <- r * sqrt(df / (1 - r^2)); list(r = r, p = 2 * pt(-abs(t), df), df = df)
})
ranked <- lapply(pairs, function(p) {
  x <- d[complete.cases(d[, p]), ]; r <- cor(x[[p[1]]], x[[p[2]]], method = "spearman"); df <- nrow(x) - 2
  t <- r * sqrt(df / (1 - r^2)); list(r = r, p = 2 * pt(-abs(t), df))
})
write(toJSON(list(R = R.version.string, plain = plain, partial = partial, ranked = ranked,
  bh = p.adjust(sapply(plain, `[[`, "p"), "BH"), holm = p.adjust(sapply(plain, `[[`, "p"), "holm")), digits = 15, auto_unbox = TRUE), "output.json")
