/** The commands that put the FineCode hook into a venv and take it out. */
import type { Command, Option } from './command.js';

const venv: Option = {
  name: 'venv',
  value: 'DIR',
  isRepeatable: true,
  help: 'a venv, or a directory of venvs such as .venvs; may be given several times',
};
const dryRun: Option = { name: 'dry-run', help: 'show, and write nothing' };

export const finecodeCommands: readonly Command[] = [
  {
    name: 'finecode install',
    usage: '--venv DIR [--dry-run]',
    summary: 'has the Python of a FineCode venv load the hook',
    details: [
      'Writes one file, throughline_finecode.pth, into the site-packages of each venv. It has FineCode give every request an id in all its processes, and record its runs (docs/finecode.md).',
      'A venv that is made again has lost it: install again.',
    ],
    options: [venv, dryRun],
    arguments: { min: 0, max: 0 },
    examples: [
      ['throughline finecode install --venv .venvs', 'for the workspace manager and all runners'],
    ],
    load: () => import('./commands/finecode-install.js'),
  },
  {
    name: 'finecode status',
    usage: '--venv DIR',
    summary: 'whether the hook would load in a FineCode venv, and which parts of FineCode it fits',
    details: ['Starts the Python of each venv. Writes nothing.'],
    options: [venv],
    arguments: { min: 0, max: 0 },
    finding: 'the hook would not load, or a part of FineCode is not what it was written for',
    load: () => import('./commands/finecode-status.js'),
  },
  {
    name: 'finecode uninstall',
    usage: '--venv DIR [--dry-run]',
    summary: 'takes the hook out of a FineCode venv again',
    details: ['Removes the file that install wrote, and nothing else.'],
    options: [venv, dryRun],
    arguments: { min: 0, max: 0 },
    load: () => import('./commands/finecode-uninstall.js'),
  },
];
