# LASSO path (glmnet), optimism of a logistic model (rms::validate), calibration and Brier (rms::val.prob).
suppressMessages({library(glmnet); library(rms)})
set.seed(1)
n <- 150
x <- matrix(round(rnorm(n * 6), 4), n); colnames(x) <- paste0("x", 1:6)
w <- sample(1:3, n, replace = TRUE)
y <- rbinom(n, 1, plogis(x[, 1] - 0.7 * x[, 2]))
p <- round(plogis(0.8 * x[, 1] - 0.4 * x[, 2] + 0.2 * x[, 3]), 6)
write.csv(data.frame(x, w, y, p), "data.csv", row.names = FALSE)
lambda <- c(0.15, 0.08, 0.04, 0.02)
fit <- glmnet(x, y, family = "binomial", weights = w, lambda = lambda, standardize = FALSE, thresh = 1e-14)
path <- t(as.matrix(coef(fit)))
out <- data.frame(quantity = character(), value = double())
for (i in seq_along(lambda)) for (j in 1:7)
  out <- rbind(out, data.frame(quantity = sprintf("lasso %g %d", lambda[i], j - 1), value = path[i, j]))
v <- val.prob(p, y, pl = FALSE)
for (k in c("Intercept", "Slope", "Brier")) out <- rbind(out, data.frame(quantity = paste("val.prob", k), value = v[[k]]))
# val.prob bins risks for its C; the rank statistic is exact
auc <- (mean(rank(p)[y == 1]) - (sum(y) + 1) / 2) / sum(1 - y)
out <- rbind(out, data.frame(quantity = "auc", value = auc))
for (t in c(0.2, 0.5)) {
  net <- mean(p >= t & y == 1) - mean(p >= t & y == 0) * t / (1 - t)
  out <- rbind(out, data.frame(quantity = sprintf("net benefit %g", t), value = net))
}
write.csv(out, "output.csv", row.names = FALSE)
