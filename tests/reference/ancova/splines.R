# Knots and basis of Harrell's restricted cubic spline by the size of the sample: below 100 rows the outer knots are the
# fifth smallest and fifth largest value.
library(Hmisc)
library(jsonlite)
set.seed(44)
x <- round(rgamma(150, 4, 0.1), 3)
write.csv(data.frame(x = x), "splines.csv", row.names = FALSE)
found <- list()
for (n in c(12, 40, 99, 100, 150)) for (nk in 3:7)
  found[[length(found) + 1]] <- list(n = n, nk = nk, knots = unname(rcspline.eval(x[1:n], nk = nk, knots.only = TRUE)))
basis <- rcspline.eval(x[1:40], nk = 4, inclx = TRUE)
attributes(basis) <- list(dim = dim(basis))
write(toJSON(list(R = R.version.string, Hmisc = as.character(packageVersion("Hmisc")), knots = found, basis40 = basis),
             digits = 15, auto_unbox = TRUE, pretty = FALSE), "splines.json")
