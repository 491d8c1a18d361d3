const health = await fetch('health');
document.getElementById('health').textContent = await health.text();
