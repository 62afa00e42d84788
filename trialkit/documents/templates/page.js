// Marks where the reader is in the contents, and folds them on a narrow screen. The page is whole without it.
(function () {
  var fold = document.querySelector(".contents details");
  if (fold && window.matchMedia("(max-width: 1020px)").matches) fold.removeAttribute("open");
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.setAttribute("open", ""); });
  });
  if (!("IntersectionObserver" in window)) return;
  var links = {};
  document.querySelectorAll(".contents a").forEach(function (a) { links[a.getAttribute("href").slice(1)] = a; });
  var watch = new IntersectionObserver(function (seen) {
    seen.forEach(function (one) {
      var link = links[one.target.id];
      if (!link || !one.isIntersecting) return;
      Object.keys(links).forEach(function (id) { links[id].removeAttribute("aria-current"); });
      link.setAttribute("aria-current", "true");
    });
  }, { rootMargin: "0px 0px -75% 0px" });
  Object.keys(links).forEach(function (id) { var part = document.getElementById(id); if (part) watch.observe(part); });
})();
