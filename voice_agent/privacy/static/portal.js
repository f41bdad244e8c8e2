// The link's token stands behind the "#", which a browser sends to nobody. It is put into the form,
// taken out of the address bar, and posted; without this file it is pasted by hand.

function enter() {
  const token = location.hash.slice(1);
  const form = document.getElementById("enter");
  if (!form || !/^[\w-]{20,}$/.test(token)) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.token.value = token;
  form.requestSubmit();
}

addEventListener("hashchange", enter);
enter();
