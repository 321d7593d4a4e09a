// The small window in which a message is reported to the moderators, with a reason. It sends nothing by itself.

export class Report {
  #dialog;
  #send = () => {};

  constructor(dialog) {
    this.#dialog = dialog;
    const other = dialog.querySelector("textarea");
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = dialog.querySelector("input:checked");
      const reason = [chosen?.dataset.words ?? "", other.value.trim()].filter((one) => one !== "").join(": ");
      const missing = dialog.querySelector(".report-missing");
      missing.hidden = reason !== "";
      if (reason === "") return dialog.querySelector("input").focus();
      dialog.close();
      this.#send(reason);
    });
    dialog.querySelector(".report-stop").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  }

  // `send(reason)` is called if the person goes through with it.
  open(message, send) {
    this.#send = send;
    this.#dialog.querySelector("form").reset();
    this.#dialog.querySelector(".report-missing").hidden = true;
    this.#dialog.querySelector("blockquote").textContent = `${message.name}: ${message.text}`;
    this.#dialog.showModal();
  }
}
