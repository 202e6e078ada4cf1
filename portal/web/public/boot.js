// Before the first paint, so that a page does not flash in the other colours or announce the other language.
(function () {
  try {
    var kept = JSON.parse(localStorage.getItem('lanemq.settings') || '{}');
    if (kept.theme === 'light' || kept.theme === 'dark') {
      document.documentElement.dataset.theme = kept.theme;
    }
    var language = kept.language || ((navigator.language || '').startsWith('zh') ? 'zh' : 'en');
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  } catch (error) {
    // Storage may be forbidden: the system's own settings do.
  }
})();
