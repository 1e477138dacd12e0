"""The functions that subjects run on their workers. In a module of their own, so that only their names travel."""

import os
import time


def noop(x):
    return x


def next_number(x):
    return x + 1


def add(a, b):
    return a + b


def sum_of(inputs):
    """`inputs` is where Parsl looks for futures in a list."""
    return sum(inputs)


def take(data):
    """Has bytes for an argument: tells how many there are, and the last of them."""
    return len(data) + data[-1]


def give(size, fill):
    """Has bytes for a result."""
    return bytes([fill]) * size


def wait_for_file(end, begun):
    """Makes the file `begun`, then keeps its worker busy until there is the file `end`."""
    with open(begun, 'w'):
        pass
    while not os.path.exists(end):
        time.sleep(0.1)
