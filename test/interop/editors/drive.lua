-- Neovim as somebody's editor: opens the file, waits for diagnostics, hovers, runs the command, says what it saw.
local ask = vim.fn.json_decode(vim.fn.readfile(vim.env.EDITOR_ASK))
local seen = { diagnostics = {}, client = 'Neovim' }

local function work()
  vim.cmd('edit ' .. ask.file)
  local id = vim.lsp.start_client({
    name = 'acme',
    cmd = ask.command,
    root_dir = ask.workspace,
    init_options = ask.options,
  })
  vim.lsp.buf_attach_client(0, id)
  vim.wait(ask.waitMs, function() return #vim.diagnostic.get(0) > 0 end, 20)
  for _, one in ipairs(vim.diagnostic.get(0)) do table.insert(seen.diagnostics, one.message) end
  vim.fn.cursor(ask.hover.line, ask.hover.column)
  local hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), ask.waitMs)
  seen.hover = hover
  if ask.execute then
    seen.command = vim.lsp.buf_request_sync(0, 'workspace/executeCommand', ask.execute, ask.waitMs)
  end
  vim.lsp.stop_client(id)
  vim.wait(ask.waitMs, function() return vim.lsp.get_client_by_id(id) == nil end, 20)
  seen.ended = vim.lsp.get_client_by_id(id) == nil
end

local ok, problem = pcall(work)
if not ok then seen.problem = tostring(problem) end
vim.fn.writefile({ vim.fn.json_encode(seen) }, ask.out)
vim.cmd('qall!')
