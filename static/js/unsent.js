// On a page that says "not kept": what keep.js holds of the form was not accepted, so the next page must not let it go.
try { localStorage.removeItem("kept-sent"); } catch { /* a browser that keeps nothing */ }
