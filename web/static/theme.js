// The reader's choice between light and dark. Runs before the first paint; it never asks the server.

(() => {
  const root = document.documentElement;
  root.dataset.scripts = "yes"; // what only works with scripts may show itself

  const chosen = () => {
    try {
      return localStorage.getItem("veche:theme");
    } catch {
      return null; // storage is switched off: the system's choice stands
    }
  };
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const apply = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const choose = (theme) => {
    apply(theme === system() ? null : theme);
    try {
      if (theme === system()) localStorage.removeItem("veche:theme");
      else localStorage.setItem("veche:theme", theme);
    } catch {
      // Storage is switched off: the choice lasts as long as this page.
    }
  };
  const shown = () => root.dataset.theme ?? system();

  apply(chosen());
  addEventListener("storage", (event) => event.key === "veche:theme" && apply(event.newValue));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch]");
    if (button) choose(shown() === "dark" ? "light" : "dark");
  });
})();
