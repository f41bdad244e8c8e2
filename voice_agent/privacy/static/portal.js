// The link's token stands behind the "#", which a browser sends to nobody. It is put into the form
// and taken out of the address bar; a person presses the button, because whatever scans links may run
// scripts as well, and a link opens once. Without this file the link is pasted by hand.

function enter() {
  const token = location.hash.slice(1);
  const form = document.getElementById("enter");
  if (!form || !/^[\w-]{20,}$/.test(token)) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.token.value = token;
  form.querySelector("button").focus();
}

addEventListener("hashchange", enter);
enter();
