"""The fixtures that moviepy's tests use: its sdist has the tests, but not the file that defines these."""

import ast
import functools
import inspect
import pkgutil
import tempfile
from types import SimpleNamespace

import numpy
import pytest

import moviepy

MEDIA = "media/doc_medias"


@pytest.fixture
def util():
    return SimpleNamespace(
        TMP_DIR=tempfile.gettempdir(), FONT=f"{MEDIA}/example.ttf", DOC_EXAMPLES_MEDIAS_DIR=MEDIA
    )


@functools.lru_cache
def part_of_video(start_time=0, end_time=1):
    return moviepy.VideoFileClip("media/big_buck_bunny_432_433.webm").subclipped(start_time, end_time)


@pytest.fixture
def video():
    return part_of_video


def sine(frequency, t):
    return numpy.sin(frequency * 2 * numpy.pi * t)


@pytest.fixture
def stereo_wave():
    def wave(left_freq=440, right_freq=220):
        return lambda t: numpy.array([sine(left_freq, t), sine(right_freq, t)]).T.copy(order="C")

    return wave


@pytest.fixture
def mono_wave():
    return lambda freq=440: lambda t: sine(freq, t)


@pytest.fixture
def moviepy_modules():
    def modules():
        found = pkgutil.walk_packages(moviepy.__path__, "moviepy.")
        return [(module.name, module.ispkg) for module in found]

    return modules


@pytest.fixture
def functions_with_decorator_defined():
    """Describes the functions of a module that have a decorator with arguments."""

    def described(function, decorator):
        arguments = []
        for argument in decorator.args:
            values = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
            arguments += [value.value for value in values]
        return {
            "function_name": function.name,
            "function_arguments": [given.arg for given in function.args.args + function.args.kwonlyargs],
            "decorator_arguments": arguments,
        }

    def functions(module, decorator_name):
        return [
            described(node, decorator)
            for node in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call) and decorator.func.id == decorator_name
        ]

    return functions
