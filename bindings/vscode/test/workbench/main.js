// The workbench of Visual Studio Code with the web build of the extension in
// its web worker extension host, as vscode.dev has it. `drive.js` opens this
// page, types and clicks; the files of the workspace come from it.
import "@codingame/monaco-vscode-python-default-extension";
import "@codingame/monaco-vscode-theme-defaults-default-extension";
import "@codingame/monaco-vscode-theme-seti-default-extension";
import "@codingame/monaco-vscode-typescript-basics-default-extension";
import { initialize } from "@codingame/monaco-vscode-api";
import { ExtensionHostKind, registerExtension } from "@codingame/monaco-vscode-api/extensions";
import { URI } from "@codingame/monaco-vscode-api/vscode/vs/base/common/uri";
import bulkEdit from "@codingame/monaco-vscode-bulk-edit-service-override";
import configuration, { initUserConfiguration } from "@codingame/monaco-vscode-configuration-service-override";
import dialogs from "@codingame/monaco-vscode-dialogs-service-override";
import explorer from "@codingame/monaco-vscode-explorer-service-override";
import extensions from "@codingame/monaco-vscode-extensions-service-override";
import {
  RegisteredFileSystemProvider,
  RegisteredMemoryFile,
  registerFileSystemOverlay,
} from "@codingame/monaco-vscode-files-service-override";
import keybindings from "@codingame/monaco-vscode-keybindings-service-override";
import languages from "@codingame/monaco-vscode-languages-service-override";
import lifecycle from "@codingame/monaco-vscode-lifecycle-service-override";
import log from "@codingame/monaco-vscode-log-service-override";
import markers from "@codingame/monaco-vscode-markers-service-override";
import model from "@codingame/monaco-vscode-model-service-override";
import notifications from "@codingame/monaco-vscode-notifications-service-override";
import preferences from "@codingame/monaco-vscode-preferences-service-override";
import quickAccess from "@codingame/monaco-vscode-quickaccess-service-override";
import storage from "@codingame/monaco-vscode-storage-service-override";
import textmate from "@codingame/monaco-vscode-textmate-service-override";
import theme from "@codingame/monaco-vscode-theme-service-override";
import statusBar from "@codingame/monaco-vscode-view-status-bar-service-override";
import titleBar from "@codingame/monaco-vscode-view-title-bar-service-override";
import walkthrough from "@codingame/monaco-vscode-walkthrough-service-override";
import welcome from "@codingame/monaco-vscode-welcome-service-override";
import workbench from "@codingame/monaco-vscode-workbench-service-override";
import workingCopy from "@codingame/monaco-vscode-working-copy-service-override";

/** In these words the bundler knows the script of a worker; the workbench starts it. */
const Worker = class {
  constructor(url, options) {
    Object.assign(this, { url: url.href, options });
  }
};
const WORKERS = {
  editorWorkerService: new Worker(
    new URL("@codingame/monaco-vscode-editor-api/esm/vs/editor/editor.worker.js", import.meta.url),
    { type: "module" },
  ),
  extensionHostWorkerMain: new Worker(
    new URL("@codingame/monaco-vscode-api/workers/extensionHost.worker", import.meta.url),
    { type: "module" },
  ),
  TextMateWorker: new Worker(
    new URL("@codingame/monaco-vscode-textmate-service-override/worker", import.meta.url),
    { type: "module" },
  ),
};
window.MonacoEnvironment = {
  getWorkerUrl: (_, label) => WORKERS[label]?.url,
  getWorkerOptions: (_, label) => WORKERS[label]?.options,
};

const files = new RegisteredFileSystemProvider(false);
for (const [path, text] of Object.entries(window.WORKSPACE)) {
  files.registerFile(new RegisteredMemoryFile(URI.file(`/workspace/${path}`), text));
}
const folder = URI.file("/workspace.code-workspace");
files.registerFile(new RegisteredMemoryFile(folder, JSON.stringify({ folders: [{ path: "/workspace" }] })));
registerFileSystemOverlay(1, files);

await initUserConfiguration(JSON.stringify({
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Light Modern",
  "editor.minimap.enabled": false,
  "editor.lightbulb.enabled": "on",
}));
await initialize(
  {
    ...log(), ...extensions({ enableWorkerExtensionHost: true }), ...model(), ...notifications(), ...dialogs(),
    ...configuration(), ...keybindings(), ...textmate(), ...theme(), ...languages(), ...bulkEdit(),
    ...preferences(), ...statusBar(), ...titleBar(), ...markers(), ...storage(), ...lifecycle(),
    ...workingCopy(), ...explorer(), ...welcome(), ...walkthrough(), ...workbench(),
    ...quickAccess({ isKeybindingConfigurationVisible: () => true, shouldUseGlobalPicker: () => true }),
  },
  document.getElementById("workbench"),
  {
    workspaceProvider: { trusted: true, open: async () => false, workspace: { workspaceUri: folder } },
    enableWorkspaceTrust: false,
  },
);

const at = (path) => new URL(`extension/${path}`, document.baseURI).href;
const manifest = await (await fetch(at("package.json"))).json();
const { registerFileUrl, whenReady } = registerExtension(manifest, ExtensionHostKind.LocalWebWorker);
for (const path of window.EXTENSION) registerFileUrl(path, at(path));
await whenReady();
window.ready = true;
