# Standard errors of a random-intercept logistic model by Laplace's approximation, to ten digits: the approximation is
# written out here and its Hessian taken by numDeriv's Richardson extrapolation. lme4's own Hessian is a difference
# quotient good to four digits; its estimates are the start and a check.
# Repeated yes-or-no outcomes in the shape of a trial of toenail infection: few rows a subject, a large random SD.
library(lme4)
library(numDeriv)
library(jsonlite)
set.seed(20261129)
subjects <- 150
data <- expand.grid(month = c(0, 1, 2, 3, 6, 9, 12), subject = seq_len(subjects))
data$arm <- ifelse(data$subject %% 2 == 0, "b", "a")
deviation <- rnorm(subjects, sd = 3)[data$subject]
data$y <- rbinom(nrow(data), 1, plogis(-1 + deviation - 0.35 * data$month - 0.1 * data$month * (data$arm == "b")))
data <- data[runif(nrow(data)) < 0.9, c("subject", "arm", "month", "y")]
X <- model.matrix(~ arm * month, data)
sign <- 2 * data$y - 1
laplace <- function(parameters) {
  beta <- parameters[1:4]; sd <- parameters[5]
  fixed <- as.vector(X %*% beta)
  total <- 0
  for (rows in split(seq_len(nrow(data)), data$subject)) {
    u <- 0
    for (step in 1:200) {
      p <- plogis(fixed[rows] + sd * u)
      slope <- sd * sum(data$y[rows] - p) - u
      move <- slope / (1 + sd^2 * sum(p * (1 - p)))
      while (abs(move) > 2) move <- move / 2
      u <- u + move
      if (abs(move) < 1e-14) break
    }
    p <- plogis(fixed[rows] + sd * u)
    total <- total + sum(plogis(sign[rows] * (fixed[rows] + sd * u), log.p = TRUE)) - u^2 / 2 -
      log(1 + sd^2 * sum(p * (1 - p))) / 2
  }
  total
}
fit <- glmer(y ~ arm * month + (1 | subject), data, binomial)
at <- c(fixef(fit), sqrt(unlist(VarCorr(fit))))
for (round in 1:4) at <- at - solve(hessian(laplace, at), grad(laplace, at))
covariance <- solve(-hessian(laplace, at))
stopifnot(max(abs(grad(laplace, at))) < 1e-6)
write.csv(data, "laplace.csv", row.names = FALSE)
write(toJSON(list(
  R = R.version.string, numDeriv = as.character(packageVersion("numDeriv")), lme4 = as.character(packageVersion("lme4")),
  log_likelihood = laplace(at), estimate = unname(at), standard_error = unname(sqrt(diag(covariance))),
  lme4_estimate = unname(c(fixef(fit), sqrt(unlist(VarCorr(fit)))))
), digits = 15, auto_unbox = TRUE, pretty = TRUE), "laplace.json")
