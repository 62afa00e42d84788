# Discrete-time proportional hazards: glm with the complementary log-log link on one row a subject and interval.
suppressPackageStartupMessages(library(jsonlite))
RNGversion("4.0.0"); set.seed(20240607)

n <- 150
trial <- data.frame(id = 1:n, arm = sample(c("control", "exercise"), n, TRUE), base = round(rnorm(n, 40, 9), 1))
time <- rexp(n, 0.12 * exp(-0.7 * (trial$arm == "exercise") + 0.03 * (trial$base - 40)))
visits <- c(1.5, 2.5, 4.5, 7.5, 12); trial$visit <- pmin(findInterval(time, visits) + 1, 5); trial$event <- as.integer(time <= 12)
lost <- sample(n, 30); trial$visit[lost] <- pmax(1, trial$visit[lost] - 1); trial$event[lost] <- 0L
long <- do.call(rbind, lapply(1:n, function(i) data.frame(trial[rep(i, trial$visit[i]), c("arm", "base")], k = 1:trial$visit[i],
                                                           y = c(rep(0, trial$visit[i] - 1), trial$event[i]))))
model <- glm(y ~ 0 + factor(k) + arm + base, binomial("cloglog"), long, control = glm.control(epsilon = 1e-15, maxit = 100))
s <- summary(model)$coefficients
X <- model.matrix(model); eta <- predict(model); mu <- fitted(model); w <- exp(eta)      # observed information, not the expected one
second <- ifelse(long$y == 1, -w * (1 - mu) / mu + w^2 * (1 - mu) / mu^2, w)
observed <- crossprod(X * second, X)
result <- list(names = rownames(s), estimate = unname(s[, 1]), expected_error = unname(s[, 2]), observed_error = unname(sqrt(diag(solve(observed)))),
               log_likelihood = as.numeric(logLik(model)))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
write.csv(trial, "trial.csv", row.names = FALSE, quote = FALSE)
