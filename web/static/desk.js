// What makes the desk's forms nicer; all of them work without it. It never sends anything by itself.

document.querySelector("#wrong")?.focus();
