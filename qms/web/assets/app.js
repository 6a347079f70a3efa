import htmx from './htmx.js';
import './token.js';
import './busy.js';
import './clock.js';
import './copy.js';
import './dialogs.js';
import './keyboard.js';
import './live.js';
import './menus.js';
import './palette.js';
import './rows.js';
import './peek.js';
import './autosave.js';
import './forms.js';

window.htmx = htmx;
