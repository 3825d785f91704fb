/** What a person drops, opens or pastes, as files with paths. */

export interface Incoming {
  path: string;
  content: Blob;
  /** Why it cannot be read. */
  problem?: string;
}

/** The files of a drop, folders and what is in them too. */
export async function dropped(transfer: DataTransfer): Promise<Incoming[]> {
  // Entries must be asked for before anything is awaited.
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const files: Incoming[] = [];
  for (const entry of entries) {
    if (entry instanceof File) files.push({ path: entry.name, content: entry });
    else if (entry) await tried(entry, files);
  }
  if (files.length === 0) {
    const text = transfer.getData("text/plain");
    if (text) files.push({ path: "dropped.txt", content: new Blob([text]) });
  }
  return files;
}

async function tried(entry: FileSystemEntry, files: Incoming[]): Promise<void> {
  try {
    await walk(entry, files);
  } catch {
    files.push({ path: entry.fullPath, content: new Blob(), problem: "the browser could not read it" });
  }
}

async function walk(entry: FileSystemEntry, files: Incoming[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const content = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    files.push({ path, content });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await tried(one, files);
  }
}

/** The files that a person has chosen. */
export function chosen(input: HTMLInputElement): Incoming[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, content: file }));
}
