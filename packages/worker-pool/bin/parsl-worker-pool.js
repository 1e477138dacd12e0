#!/usr/bin/env node
import '../dist/bin/parsl-worker-pool.js';
