// The web: the engine as WebAssembly in a worker, which speaks the same
// protocol as the program.
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/browser";
import type { Range } from "vscode-languageserver-protocol";
import { keep } from "./dotenv";
import { run, selector } from "./extension";
import { Files } from "./files";

/** What is to be kept in `.env`, and under which name. */
interface Kept {
  uri: string;
  range: Range;
  name: string;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const script = vscode.Uri.joinPath(context.extensionUri, "out", "worker.js");
  const worker = new Worker(script.toString(true));
  const client = new LanguageClient(
    "keysieve",
    "keysieve",
    {
      documentSelector: selector,
      synchronize: { configurationSection: "keysieve" },
      diagnosticCollectionName: "keysieve",
    },
    worker,
  );
  const files = new Files(client);
  client.onRequest("keysieve/keep", async ({ uri, range, name }: Kept) => {
    const { protocol2CodeConverter: convert } = client;
    const kept = await keep(convert.asUri(uri), convert.asRange(range), name);
    await files.file(kept.file);
    return kept.variable;
  });
  context.subscriptions.push({ dispose: () => worker.terminate() });
  await run(context, client, () => files.scan());
  context.subscriptions.push(files.watch());
  const wanted = vscode.workspace.getConfiguration("keysieve").get("workspace", true);
  const here = vscode.workspace.workspaceFolders?.every(({ uri }) => uri.scheme === "file");
  if (wanted && here) await files.scan();
}
