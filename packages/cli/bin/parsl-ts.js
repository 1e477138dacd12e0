#!/usr/bin/env node
import '../dist/bin/parsl-ts.js';
