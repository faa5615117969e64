// A text being written: its length as the network counts it, and the checklist
// that belongs to own words. The server counts; this only shows what it says.

const PAUSE_MS = 250; // between the last key and the question

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

class Counter {
  constructor(area) {
    this.area = area;
    this.box = document.getElementById(area.dataset.counter);
    this.said = this.box.querySelector("[data-said]");
    this.aloud = this.box.querySelector("[role=status]");
    this.findings = this.box.parentElement.querySelector("[data-findings]");
    this.timer = 0;
    this.asked = 0;
    this.fits = true;
    area.addEventListener("input", () => this.soon());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const turn = ++this.asked;
    let checked;
    try {
      const answer = await fetch(this.area.dataset.checks, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRF-Token": this.area.form.elements.csrf.value,
        },
        body: JSON.stringify({
          text: this.area.value,
          network: this.area.dataset.network,
          language: this.area.lang,
        }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      checked = await answer.json();
    } catch {
      // An old count beside a new text would be a lie: say nothing instead.
      if (turn === this.asked) this.said.textContent = "";
      return;
    }
    if (turn === this.asked) this.show(checked);
  }

  show({ length, limit, remaining, fits, findings }) {
    const words = this.box.dataset;
    const number = new Intl.NumberFormat(document.documentElement.lang);
    this.said.textContent = fill(fits ? words.fits : words.over, {
      length: number.format(length),
      limit: number.format(limit),
      over: number.format(-remaining),
    });
    this.said.classList.toggle("over", !fits);
    if (fits !== this.fits) this.aloud.textContent = this.said.textContent;
    this.fits = fits;
    this.findings?.replaceChildren(
      ...(findings ?? []).map(({ message }) => {
        const line = document.createElement("li");
        line.textContent = message;
        return line;
      }),
    );
  }
}

for (const area of document.querySelectorAll("textarea[data-checks]")) {
  new Counter(area);
}

// Own words: the five questions come when the text is no longer the suggested one.
for (const area of document.querySelectorAll("textarea[data-suggested]")) {
  const questions = document.getElementById(area.dataset.questions);
  const back = document.getElementById(area.dataset.back);
  const own = () => area.value.trim() !== area.dataset.suggested.trim();
  const show = () => {
    questions.hidden = !own();
    if (own()) questions.open = true;
    back.hidden = !own();
  };
  area.addEventListener("input", show);
  back.addEventListener("click", () => {
    area.value = area.dataset.suggested;
    area.dispatchEvent(new Event("input"));
    area.focus();
  });
  show();
}
