library(vcdExtra); library(jsonlite)
set.seed(19)
n <- 300
d <- data.frame(arm = sample(c("low", "middle", "high"), n, TRUE), site = sample(LETTERS[1:4], n, TRUE))
d$dose <- c(low = 1, middle = 2, high = 4)[d$arm]
d$grade <- findInterval(rnorm(n) + 0.2 * d$dose + (d$site == "A"), c(0, 0.7, 1.6))
write.csv(d, "trial.csv", row.names = FALSE)
t3 <- xtabs(~ factor(dose) + factor(grade) + site, d)
of <- function(scores) {
  found <- CMHtest(t3, overall = TRUE, types = c("cor", "rmeans", "general"), rscores = scores$r, cscores = scores$c)$ALL$table
  list(statistic = unname(unlist(found[, "Chisq"])), df = unname(unlist(found[, "Df"])), p = unname(unlist(found[, "Prob"])))
}
m <- mantelhaen.test(t3, correct = FALSE)
one <- CMHtest(margin.table(t3, c(1, 2)), types = c("cor", "rmeans", "general"), rscores = c(1, 2, 4), cscores = 0:3)$table
write(toJSON(list(R = R.version.string, vcdExtra = as.character(packageVersion("vcdExtra")),
  mantelhaen = list(statistic = unname(m$statistic), df = unname(m$parameter), p = m$p.value),
  table = of(list(r = c(1, 2, 4), c = 0:3)), modified_ridit = of(list(r = "midrank", c = "midrank")),
  single = list(statistic = unname(unlist(one[, "Chisq"])), df = unname(unlist(one[, "Df"])), p = unname(unlist(one[, "Prob"])))),
  digits = 15, auto_unbox = TRUE), "output.json")
