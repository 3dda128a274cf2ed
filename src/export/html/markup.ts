/** What of the page is not script, style or data. Nothing that was recorded is in it. */
export const markup = `<div id="page">
<header id="top">
<div id="request"></div>
<div id="tools" role="search">
<span id="status" role="status" aria-live="polite"></span>
<input id="search" type="search" placeholder="Search: name, state, id, path  /" aria-label="Search spans by name, state, end of an id, path or error" autocomplete="off" spellcheck="false">
<label class="switch" title="failed, rejected, cancelled, lost, or open with nobody known to end it"><input id="failed" type="checkbox">only failed</label>
<button id="open" type="button">unfold all</button>
<button id="close" type="button">close all</button>
</div>
</header>
<nav id="requests" role="listbox" tabindex="0" aria-label="Requests, newest first"></nav>
<main id="grid" role="treegrid" tabindex="0" aria-label="What ran" aria-readonly="true"></main>
<aside id="detail" role="region" aria-label="Details of the span" tabindex="0"></aside>
<footer id="foot">
<div id="truth">Reading…</div>
<div id="keys"><kbd>/</kbd> search · <kbd>↑</kbd> <kbd>↓</kbd> move · <kbd>←</kbd> <kbd>→</kbd> <kbd>Enter</kbd> fold · <kbd>[</kbd> <kbd>]</kbd> request · <kbd>Esc</kbd> all</div>
</footer>
<noscript>This page shows its data with a script that is part of it; it loads nothing and sends nothing.</noscript>
</div>`;
