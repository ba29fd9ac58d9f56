// Filters the claims of the first page. Without it all of them are shown.
(() => {
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll(".claim")];
  const groups = [...document.querySelectorAll(".group")];
  const value = (name) => form.elements[name].value;
  const fits = ({ verdict, study, activations, words }) =>
    (!value("verdict") || verdict === value("verdict")) &&
    (!value("study") || study === value("study")) &&
    (!value("activation") || activations.split(" ").includes(value("activation"))) &&
    value("search").toLowerCase().split(/\s+/).every((word) => words.includes(word));
  const show = () => {
    rows.forEach((row) => { row.hidden = !fits(row.dataset); });
    groups.forEach((group) => { group.hidden = !group.querySelector(".claim:not([hidden])"); });
    const number = rows.filter((row) => !row.hidden).length;
    form.elements.number.value = `${number} of ${rows.length} claims`;
  };
  const open = () => {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row instanceof HTMLDetailsElement) row.open = true;
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  show();
  open();
})();
