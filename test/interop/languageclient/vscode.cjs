// As much of the `vscode` module as vscode-languageclient needs to run: documents that are never opened, providers that
// are kept so that a test can be the user, and outputs that print nothing.
/* oxlint-disable typescript/no-extraneous-class -- They stand for an editor's classes, which hold values. */
'use strict';

class Disposable {
  static from(...disposables) {
    return new Disposable(() => disposables.forEach((one) => one.dispose()));
  }
  constructor(dispose = () => undefined) {
    this.dispose = dispose;
  }
}

class EventEmitter {
  #listeners = new Set();
  event = (listener, thisArgument) => {
    const bound = listener.bind(thisArgument);
    this.#listeners.add(bound);
    return new Disposable(() => this.#listeners.delete(bound));
  };
  fire(event) {
    for (const listener of this.#listeners) listener(event);
  }
  dispose() {
    this.#listeners.clear();
  }
}

class CancellationTokenSource {
  #emitter = new EventEmitter();
  constructor() {
    this.token = {
      isCancellationRequested: false,
      onCancellationRequested: this.#emitter.event,
    };
  }
  cancel() {
    this.token.isCancellationRequested = true;
    this.#emitter.fire();
  }
  dispose() {}
}

class Uri {
  static parse(text) {
    return new Uri(text);
  }
  static file(path) {
    return new Uri(`file://${path}`);
  }
  constructor(text) {
    this.scheme = text.split(':')[0];
    this.fsPath = new URL(text).pathname;
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

const noEvent = () => new Disposable();
/** Anything not named below: an event nobody fires, or a function that registers. */
const quiet = (members) =>
  new Proxy(members, {
    get: (target, name) => (name in target ? target[name] : () => new Disposable()),
  });

/** What the extension registered, for the test to call as the user would. */
const registered = { commands: new Map(), hover: [] };
const documents = new EventEmitter();
const output = quiet({
  append() {},
  appendLine() {},
  show() {},
  info() {},
  error: (...texts) => console.error(...texts),
  logLevel: 3,
});

module.exports = {
  version: '1.110.0',
  env: quiet({ language: 'en', appName: 'Stub Code' }),
  workspace: quiet({
    textDocuments: [],
    notebookDocuments: [],
    workspaceFolders: undefined,
    getConfiguration: () => ({ get: (_, otherwise) => otherwise }),
    onDidOpenTextDocument: documents.event,
    onDidChangeConfiguration: noEvent,
  }),
  window: quiet({
    createOutputChannel: () => output,
    visibleTextEditors: [],
    showErrorMessage: async (message) => {
      console.error(message);
    },
    tabGroups: { all: [], onDidChangeTabs: noEvent },
  }),
  languages: quiet({
    match: () => 10,
    createDiagnosticCollection: () => ({ set() {}, delete() {}, clear() {}, dispose() {} }),
    registerHoverProvider: (_, provider) => {
      registered.hover.push(provider);
      return new Disposable();
    },
  }),
  commands: quiet({
    registerCommand: (name, run) => {
      registered.commands.set(name, run);
      return new Disposable();
    },
  }),
  Disposable,
  EventEmitter,
  CancellationTokenSource,
  CancellationError: class CancellationError extends Error {},
  Uri,
  Hover: class Hover {
    constructor(contents) {
      this.contents = contents;
    }
  },
  MarkdownString: class MarkdownString {
    constructor(value) {
      this.value = value;
    }
  },
  Position: class Position {
    constructor(line, character) {
      Object.assign(this, { line, character });
    }
  },
  Range: class Range {
    constructor(start, end) {
      Object.assign(this, { start, end });
    }
  },
  LogLevel: { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  registered,
  documents,
};

// Classes to extend and enumerations to read: an empty one of each will do.
module.exports = new Proxy(module.exports, {
  get: (target, name) => (name in target ? target[name] : class Anything {}),
});
