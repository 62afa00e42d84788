# Points of a nomogram and Harrell's optimism, by rms and by plain glm.
suppressMessages(library(rms))
d <- read.csv("data.csv")
dd <- datadist(d); options(datadist = "dd")
fit <- lrm(y ~ x1 + x2 + x3, data = d, tol = 1e-12, eps = 1e-12)
at <- list(x1 = c(-2, -1, 0, 1, 2), x2 = c(-2, 0, 2), x3 = c(-1, 0, 1))
n <- nomogram(fit, x1 = at$x1, x2 = at$x2, x3 = at$x3, fun = plogis, maxscale = 100)
out <- data.frame(quantity = character(), value = double())
add <- function(q, v) out <<- rbind(out, data.frame(quantity = q, value = v))
for (k in names(coef(fit))) add(paste("coefficient", k), coef(fit)[[k]])
for (k in names(at)) for (i in seq_along(at[[k]])) add(sprintf("points %s %g", k, at[[k]][i]), n[[k]]$points[i])
# optimism over given samples: glm on the sample, AUC and slope there and on the original rows
set.seed(4); B <- 40; m <- nrow(d)
index <- t(sapply(1:B, function(b) sort(sample(m, m, TRUE))))
write.table(index - 1, "samples.csv", sep = ",", row.names = FALSE, col.names = FALSE)
auc <- function(lp, y) (mean(rank(lp)[y == 1]) - (sum(y) + 1) / 2) / sum(1 - y)
slope <- function(lp, y) coef(glm(y ~ lp, family = binomial, control = list(epsilon = 1e-12)))[[2]]
whole <- glm(y ~ x1 + x2 + x3 + x4 + x5 + x6, binomial, d, control = list(epsilon = 1e-12))
o <- t(sapply(1:B, function(b) {
  s <- d[index[b, ], ]
  f <- glm(formula(whole), binomial, s, control = list(epsilon = 1e-12))
  ls <- predict(f, s); lo <- predict(f, d)
  c(auc(ls, s$y) - auc(lo, d$y), slope(ls, s$y) - slope(lo, d$y))
}))
add("harrell auc", auc(predict(whole), d$y) - mean(o[, 1]))
add("harrell calibration_slope", slope(predict(whole), d$y) - mean(o[, 2]))
# rms::validate draws its own samples: the same within its Monte Carlo error
set.seed(5)
v <- validate(lrm(formula(whole), data = d, x = TRUE, y = TRUE), method = "boot", B = 2000)
add("validate auc", 0.5 + v["Dxy", "index.corrected"] / 2)
add("validate calibration_slope", v["Slope", "index.corrected"])
write.csv(out, "nomogram_output.csv", row.names = FALSE)
