// htmx without evaluation of strings and without injected styles, so that a strict content policy holds.
import htmx from 'htmx.org';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  scrollBehavior: 'auto',
  timeout: 20000,
  // a refusal (409, 422 and the like) carries words for the person: show them where the answer was expected
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '(400|403|404|409|412|413|422)', swap: true, error: true },
    { code: '...', swap: false, error: true },
  ],
});

export default htmx;
