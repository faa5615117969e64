// What every page may use: menus that close, buttons that act once.
// Everything works without this file.

const menus = document.querySelectorAll("details.menu");

function closeMenus(except) {
  for (const menu of menus) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = [...menus].find((menu) => menu.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// The current place is in sight, also where a strip scrolls on a phone.
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  const strip = here.closest(".nav, .tabs");
  strip.scrollLeft = here.offsetLeft - strip.offsetLeft - 24;
}

// A second press while the first is on its way would be a second request.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// A page that comes back from the browser's memory can be used again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});
