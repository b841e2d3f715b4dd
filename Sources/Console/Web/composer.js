// Where a message is written: text, files, sending and stopping.
import { el, icon, isolated, bytes } from "./text.js";
import { request } from "./api.js";
import { byID } from "./shell.js";

const LONGEST_PASTE = 100_000;

export class Composer {
  /** actions: send({text, attachments, clientID}), cancel(). */
  constructor(limits, actions) {
    this.limits = limits;
    this.actions = actions;
    this.text = byID("text");
    this.files = [];
    this.form = byID("composer");
    this.sendButton = byID("send");
    this.stopButton = byID("stop");
    const picker = byID("picker");
    byID("attach").append(icon("attach"));
    this.sendButton.append(icon("send"));
    this.stopButton.append(icon("stop"));

    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.stopButton.addEventListener("click", () => actions.cancel());
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        this.submit();
      }
    });
    this.text.addEventListener("paste", (event) => {
      const pasted = event.clipboardData?.getData("text/plain") ?? "";
      if (event.clipboardData?.files.length) { event.preventDefault(); this.addFiles(event.clipboardData.files); }
      else if (pasted.length > LONGEST_PASTE) {
        // A text field of megabytes brings browsers to a stand.
        event.preventDefault();
        this.addFiles([new File([pasted], "pasted.txt", { type: "text/plain" })]);
        this.say("What you pasted is long, so it is attached as a file.");
      }
    });
    byID("attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => { this.addFiles(picker.files); picker.value = ""; });
    this.setUpDropping();
    this.changed();
  }

  setUpDropping() {
    let depth = 0;
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const show = (on) => document.body.classList.toggle("dropping", on);
    window.addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; show(true); } });
    window.addEventListener("dragleave", (event) => { if (hasFiles(event)) { depth -= 1; show(depth > 0); } });
    window.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
    window.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      show(false);
      this.addFiles(event.dataTransfer.files);
    });
  }

  /** Shows what was left unsent at this place. */
  open(place) {
    this.place = "unsent:" + place;
    this.files = [];
    this.drawFiles();
    let kept = "";
    try { kept = sessionStorage.getItem(this.place) ?? ""; } catch { /* Storage is a convenience. */ }
    this.text.value = kept;
    this.say(null);
    this.changed();
  }

  /** Puts text in, ready to be sent or changed. */
  take(text) {
    this.text.value = text;
    this.changed();
    this.focus();
    this.text.setSelectionRange(text.length, text.length);
  }

  restore(message) {
    this.take(message.text);
    this.files = message.attachments.map((file) => ({ ...file, isReady: true }));
    this.drawFiles();
  }

  focus() {
    // A keyboard that opens by itself hides half of a phone's screen.
    if (!matchMedia("(pointer: coarse)").matches) this.text.focus();
  }

  changed() {
    this.text.style.height = "auto";
    this.text.style.height = Math.min(this.text.scrollHeight, window.innerHeight * 0.4) + "px";
    try {
      if (this.text.value) sessionStorage.setItem(this.place, this.text.value.slice(0, 200_000));
      else sessionStorage.removeItem(this.place);
    } catch { /* As above. */ }
    this.update();
  }

  update() {
    const isEmpty = !this.text.value.trim() && !this.files.length;
    this.sendButton.disabled = isEmpty || this.files.some((file) => !file.isReady);
    this.stopButton.hidden = !this.isRunning;
    this.sendButton.hidden = Boolean(this.isRunning && isEmpty);
  }

  setRunning(running) {
    this.isRunning = running;
    this.update();
  }

  submit() {
    const text = this.text.value;
    if (!text.trim() && !this.files.length) return;
    if (this.files.some((file) => !file.isReady)) { this.say("A file is still being uploaded."); return; }
    const size = new TextEncoder().encode(JSON.stringify(text)).length;
    if (size > this.limits.message_bytes - 2048) {
      this.say("This message has " + bytes(size) + "; at most " + bytes(this.limits.message_bytes) + " can be sent. Attach it as a file instead.");
      return;
    }
    this.say(null);
    const message = { text, attachments: this.files.map(({ id, name, bytes }) => ({ id, name, bytes })), clientID: randomID() };
    this.text.value = "";
    this.files = [];
    this.drawFiles();
    this.changed();
    this.actions.send(message);
  }

  addFiles(list) {
    for (const file of list) {
      if (file.size > this.limits.upload_bytes) {
        this.say(file.name + " has " + bytes(file.size) + "; at most " + bytes(this.limits.upload_bytes) + " can be attached.");
        continue;
      }
      this.upload({ name: file.name || "pasted", bytes: file.size, blob: file, isReady: false });
    }
    this.text.focus();
  }

  async upload(file) {
    this.files.push(file);
    this.drawFiles();
    try {
      const stored = await request("POST", "/api/uploads?name=" + encodeURIComponent(file.name), new Blob([file.blob]));
      Object.assign(file, stored, { isReady: true, blob: null });
    } catch (error) {
      this.files = this.files.filter((each) => each !== file);
      this.say(file.name + " was not uploaded. " + error.message);
    }
    this.drawFiles();
  }

  drawFiles() {
    byID("files").replaceChildren(...this.files.map((file) => el("li.attachment", {},
      file.isReady ? icon("file") : el("span.spinner"), el("span.file-name", {}, isolated(file.name)),
      el("small", {}, bytes(file.bytes)),
      el("button.quiet.square", {
        type: "button", "aria-label": "Remove " + file.name, on: {
          click: () => { this.files = this.files.filter((each) => each !== file); this.drawFiles(); this.text.focus(); },
        },
      }, icon("cross")))));
    this.update();
  }

  say(text) {
    const line = byID("composer-notice");
    line.hidden = !text;
    line.textContent = text ?? "";
  }
}

function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
