-- A session of Neovim with its own client: open, type, read the diagnostics,
-- hover, apply actions, save. `tests/suite/neovim.rs` starts it, and looks at
-- the files that it leaves. The secret comes in a variable; it is never told.

local binary, folder, token = vim.env.KEYSIEVE_BIN, vim.env.SESSION_FOLDER, vim.env.SESSION_TOKEN

local function fail(message)
  io.stderr:write('session.lua: ' .. message .. '\n')
  vim.cmd('cquit 1')
end

local function until_true(what, condition)
  if not vim.wait(60000, condition, 20) then fail(what .. ' did not happen') end
end

local function diagnostics(count)
  until_true(count .. ' diagnostics', function() return #vim.diagnostic.get(0) == count end)
  return vim.diagnostic.get(0)
end

local function actions(client, line)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(),
    range = { start = { line = line, character = 0 }, ['end'] = { line = line, character = 60 } },
    context = { diagnostics = {} },
  }
  local answer = client.request_sync('textDocument/codeAction', params, 60000, 0)
  return answer and answer.result or fail('no actions came')
end

local function titled(all, beginning)
  for _, action in ipairs(all) do
    if vim.startswith(action.title, beginning) then return action end
  end
  fail('no action begins with ' .. beginning)
end

local id = vim.lsp.start_client({ name = 'keysieve', cmd = { binary, 'lsp' }, root_dir = folder })
if not id then fail('the server did not start') end
vim.cmd('edit ' .. folder .. '/app.py')
vim.bo.filetype = 'python'
vim.lsp.buf_attach_client(0, id)
local client = vim.lsp.get_client_by_id(id)
until_true('the greeting', function() return client.server_capabilities ~= nil and client.initialized end)

-- Typed letter by letter behind a text of other letters.
vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'first = 1', "grüße = ''", 'last = 2' })
diagnostics(0)
local column = #"grüße = '"
for at = 1, #token do
  vim.api.nvim_buf_set_text(0, 1, column, 1, column, { token:sub(at, at) })
  column = column + 1
end
local found = diagnostics(1)[1]
if found.lnum ~= 1 or found.col ~= #"grüße = '" or found.source ~= 'keysieve' then
  fail('the diagnostic does not stand where it should')
end
if found.message:find(token, 1, true) then fail('the message repeats the secret') end

-- Hover.
local hover = client.request_sync('textDocument/hover', {
  textDocument = vim.lsp.util.make_text_document_params(),
  position = { line = 1, character = 12 },
}, 60000, 0)
if not hover.result.contents.value:find('Revoke', 1, true) then fail('the hover says too little') end

-- Allowed with a reason, saved, and taken back.
local allow = titled(actions(client, 1), 'Allow')
vim.lsp.util.apply_workspace_edit(allow.edit, client.offset_encoding)
diagnostics(0)
vim.cmd('write! ' .. folder .. '/allowed.py')
vim.api.nvim_buf_set_lines(0, 1, 2, false, { "grüße = '" .. token .. "'" })
diagnostics(1)

-- Kept in the environment: the server writes, the client edits.
local move = titled(actions(client, 1), 'Replace by')
client.request_sync('workspace/executeCommand', move.command, 60000, 0)
diagnostics(0)
vim.cmd('write')

vim.lsp.stop_client(id)
vim.cmd('qall!')
