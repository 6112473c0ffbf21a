// Runs before the first paint, so that a remembered language or theme never flashes the other one.
(function () {
  var root = document.documentElement;
  function kept(key) {
    try {
      return localStorage.getItem(key);
    } catch (_) {
      return null;
    }
  }
  var language = kept("language") || root.lang;
  root.lang = language === "en" ? "en" : "zh-CN";
  var theme = kept("theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
})();
