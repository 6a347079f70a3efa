import './charts/start.js';
