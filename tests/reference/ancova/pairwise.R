# All pairs with Tukey's and each arm against one with Dunnett's adjustment, on the invented trial of program.R.
library(emmeans); library(mvtnorm); library(jsonlite)
d <- read.csv("trial.csv", stringsAsFactors = TRUE)
print(names(d)); print(levels(d$arm))
m <- lm(chg ~ arm + base + site, d)
e <- emmeans(m, ~ arm)
tukey <- as.data.frame(summary(pairs(e, reverse = TRUE, adjust = "tukey"), infer = TRUE))
set.seed(1)
against <- contrast(e, "trt.vs.ctrl", ref = 1)
plain <- as.data.frame(summary(against, adjust = "none"))
V <- vcov(against); R <- cov2cor(as.matrix(V)); df <- plain$df[1]
below <- function(a, b) pmvt(c(-Inf, -Inf), c(a, b), df = df, corr = R, algorithm = TVPACK(abseps = 1e-14))[1]
within <- function(t) below(t, t) - below(-t, t) - below(t, -t) + below(-t, -t)
exact <- sapply(abs(plain$t.ratio), function(t) 1 - within(t))
q <- uniroot(function(t) within(t) - 0.95, c(1.5, 4), tol = 1e-12)$root
# three and four correlated differences, known variance and 20 df
R4 <- matrix(0.5, 4, 4); diag(R4) <- 1; R4[1, 2] <- R4[2, 1] <- 0.3; R3 <- R4[1:3, 1:3]
many <- GenzBretz(maxpts = 5e7, abseps = 1e-7)
box <- list(three20 = 1 - pmvt(rep(-2.2, 3), rep(2.2, 3), df = 20, corr = R3, algorithm = many)[1],
            three = 1 - pmvnorm(rep(-2.2, 3), rep(2.2, 3), corr = R3, algorithm = many)[1],
            four20 = 1 - pmvt(rep(-2.2, 4), rep(2.2, 4), df = 20, corr = R4, algorithm = many)[1])
write(toJSON(list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")), mvtnorm = as.character(packageVersion("mvtnorm")),
  tukey = tukey, dunnett = list(contrast = as.character(plain$contrast), estimate = plain$estimate, se = plain$SE, p = exact, quantile = q), box = box),
  digits = 15, auto_unbox = TRUE), "pairwise.json")
