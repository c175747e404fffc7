// Mounts each element's module: data-module="picker" loads ./picker.js and calls its mount(element).
const mounting = [...document.querySelectorAll('[data-module]')].flatMap((element) =>
  element.dataset.module.split(' ').map((name) =>
    import(`./${name}.js`).then((module) => module.mount(element))));

// Whoever drives the page by program can wait for this; until then links and forms work as without a script.
Promise.all(mounting).then(() => { document.documentElement.dataset.ready = ''; });
