// Copy the text, open the network, or hand it to the device's own share sheet.

async function copy(area) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(area.value);
      return true;
    } catch {
      // Refused by the browser or its owner: the older way may still work.
    }
  }
  area.focus();
  area.select();
  return document.execCommand("copy");
}

const text = document.querySelector("[data-share-text]");
const status = document.querySelector("[data-copy-status]");

async function copyAndSay() {
  const done = await copy(text);
  status.textContent = done ? status.dataset.done : status.dataset.failed;
  if (!done) text.select();
  return done;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", copyAndSay);
}

// The link opens by itself; the copy is made in the same press.
for (const link of document.querySelectorAll("[data-copy-and-open]")) {
  link.addEventListener("click", copyAndSay);
}

const sheet = document.querySelector("[data-web-share]");
if (sheet) {
  const what = { text: text.value, title: sheet.dataset.title };
  if (navigator.canShare?.(what)) {
    sheet.hidden = false;
    sheet.addEventListener("click", async () => {
      try {
        await navigator.share(what);
      } catch (error) {
        if (error.name !== "AbortError") await copyAndSay();
      }
    });
  }
}

// A Mastodon server is remembered in this browser and nowhere else.
const server = document.querySelector("input[data-remember]");
if (server) {
  const key = `advocacy.${server.dataset.remember}`;
  try {
    server.value ||= localStorage.getItem(key) ?? "";
    server.form.addEventListener("submit", () => localStorage.setItem(key, server.value));
  } catch {
    // Storage is switched off: the person types it again.
  }
}
