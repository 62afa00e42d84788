# Repeated measurements by base R alone: anova.mlm, mauchly.test, aov, shapiro.test, and Levene's test as the analysis
# of variance of absolute distances from medians.
library(jsonlite)
set.seed(41)
n <- 34
group <- rep(c("patient", "volunteer", "relative"), c(13, 11, 10))
start <- rnorm(n, 20, 4)
m <- sapply(1:5, function(k) start + k * (1 + 0.6 * (group == "patient")) + rnorm(n, 0, 1 + k / 2))
d <- data.frame(subject = sprintf("%02d", 1:n), group, round(m, 2))
names(d)[3:7] <- paste0("m", 1:5)
d$m3[7] <- NA; d$m5[20] <- NA
write.csv(d, "people.csv", row.names = FALSE, na = "")

one <- function(d, columns, grouped) {
  d <- d[complete.cases(d[columns]), ]
  Y <- as.matrix(d[columns]); k <- length(columns); group <- factor(d$group)
  fit <- if (grouped) lm(Y ~ group) else lm(Y ~ 1)
  a <- anova(fit, X = ~1, test = "Spherical")
  long <- data.frame(y = as.vector(Y), subject = factor(rep(d$subject, k)), within = factor(rep(columns, each = nrow(d))),
                     group = rep(group, k))
  s <- summary(if (grouped) aov(y ~ group * within + Error(subject / within), long)
               else aov(y ~ within + Error(subject / within), long))
  part <- function(stratum, row) { t <- s[[stratum]][[1]]; c(ss = t[row, "Sum Sq"], df = t[row, "Df"], f = t[row, "F value"],
    p = t[row, "Pr(>F)"], error_df = t[nrow(t), "Df"], eta = t[row, "Sum Sq"] / (t[row, "Sum Sq"] + t[nrow(t), "Sum Sq"])) }
  effects <- if (grouped) list(part(1, 1), part(2, 1), part(2, 2)) else list(part(2, 1))
  rows <- if (grouped) c(1, 2) else 1
  many <- k > 2
  test <- if (many) mauchly.test(fit, X = ~1) else NULL
  cells <- lapply(if (grouped) levels(group) else "All", function(g) lapply(columns, function(c) {
    v <- if (g == "All") d[[c]] else d[d$group == g, c]
    t <- shapiro.test(v); c(n = length(v), mean = mean(v), sd = sd(v), w = unname(t$statistic), p = t$p.value)
  }))
  spreads <- if (grouped) lapply(columns, function(c) {
    z <- abs(d[[c]] - ave(d[[c]], group, FUN = median)); t <- anova(lm(z ~ group))
    c(f = t[1, "F value"], df = t[1, "Df"], error_df = t[2, "Df"], p = t[1, "Pr(>F)"])
  }) else NULL
  list(effects = lapply(effects, as.list), gg = a[rows, "G-G Pr"], hf = a[rows, "H-F Pr"],
       epsilon_gg = attr(a, "heading")[grepl("Greenhouse", attr(a, "heading"))],
       epsilon_hf = attr(a, "heading")[grepl("Huynh", attr(a, "heading"))],
       w = if (many) unname(test$statistic) else NULL, w_p = if (many) test$p.value else NULL,
       cells = lapply(cells, function(x) lapply(x, as.list)), spreads = lapply(spreads, as.list))
}
columns <- paste0("m", 1:5)
found <- list(grouped = one(d, columns, TRUE), alone = one(d, columns, FALSE), two = one(d, c("m1", "m5"), TRUE),
              three = one(d, c("m1", "m3", "m5"), FALSE))
write(toJSON(c(list(R = R.version.string), found), digits = 15, auto_unbox = TRUE, null = "null", na = "null"), "output.json")
