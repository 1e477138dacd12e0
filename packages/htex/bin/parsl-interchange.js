#!/usr/bin/env node
import '../dist/bin/parsl-interchange.js';
