// The code of an invitation is the fragment of the address, which no server gets to see. It leaves the address, and with
// it the browser's history, before it is sent.
const field = document.getElementById("code");
const code = location.hash.slice(1);
if (code) {
  history.replaceState(null, "", location.pathname);
  field.value = code;
  field.form.requestSubmit();
}
