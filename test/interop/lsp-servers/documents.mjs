// One realistic document of each language, each with something to complain about and something to fold.

export const typescript = `import { join } from 'node:path';

export interface Task {
  readonly title: string;
  readonly isDone: boolean;
}

/** Tasks, newest first. */
export class TaskList {
  #tasks: Task[] = [];

  add(title: string): Task {
    const task: Task = { title, isDone: false };
    this.#tasks.unshift(task);
    return task;
  }

  get open(): readonly Task[] {
    return this.#tasks.filter((task) => !task.isDone);
  }
}

const list = new TaskList();
const first: number = list.add('write it down');
let unused = 1;
debugger;
list.open.forEach((task) => console.log(task.title))
`;

export const javascript = `const tasks = [];

/** Adds a task. */
function addTask(title) {
  var task = { title: title, isDone: false };
  if (task.title == null) {
    debugger;
  }
  tasks.push(task)
  return task;
}

var unused = 1;
addTask('write it down').title.toUpperCase();
export { addTask };
`;

export const python = `"""Tasks, newest first."""
import os
from dataclasses import dataclass, field


@dataclass
class Task:
    """One thing to do."""
    title: str
    is_done: bool = False


@dataclass
class TaskList:
    tasks: list = field(default_factory=list)

    def add(self, title: str) -> Task:
        task = Task(title)
        self.tasks.insert( 0,task )
        return task

    def open_tasks(self):
        return [task for task in self.tasks if not task.is_done]


task_list = TaskList()
first: int = task_list.add("write it down")
print(task_list.open_tasks(), undefined_name)
`;

export const html = `<!DOCTYPE html>
<html lang="en">
<head>
<title>Tasks</title>
<link rel="stylesheet" href="style.css">
<style>
  .task { color: #ff0000; paddin: 1px }
</style>
</head>
<body>
  <ul class="tasks"><li>one</li>
  <li>two</li></ul>
  <script>
    const list = document.querySelector('.tasks');
    console.log(list.children.length);
  </script>
</body>
</html>
`;

export const css = `:root {
  --accent: #336699;
}

.tasks {
  color: red;
  paddin: 4px;
  background: var(--accent);
}
.tasks li { margin: 0 }
.empty {
}

@media (max-width: 600px) {
  .tasks { display: none; }
}
`;

export const scss = `@use "sass:math";

$accent: #336699;

@mixin rounded($radius: 4px) {
  border-radius: $radius;
}

.tasks {
  @include rounded(2px);
  color: $accent;
  width: math.div(100%, 3);

  li {
    margin: 0;
  }
}
`;

export const json = `{
  "$schema": "./schema.json",
  "name": "tasks",
  "version": 1,
  "tags": ["a", "b", "a"],
  "color": "#ff0000",
  "owner": {
    "name": "somebody",
    "mail": null
  }
}
`;

export const jsonSchema = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "properties": {
    "name": { "type": "string", "description": "What it is called." },
    "version": { "type": "string", "description": "Of the whole." },
    "tags": { "type": "array", "uniqueItems": true, "items": { "type": "string" } },
    "owner": { "type": "object", "properties": { "name": { "type": "string" } } }
  }
}
`;

export const yaml = `name: tasks
version: 1
owner:
  name: somebody
  mail: &mail somebody@example.org
jobs:
  build:
    steps:
      - run: make
      - run: make test
  build:
    steps: []
reply: *mail
`;

export const bash = `#!/usr/bin/env bash
set -euo pipefail

# Adds a task.
add_task() {
  local title="$1"
  echo "$title" >> "$TASKS"
}

list_tasks() {
  while read -r line; do
    printf '%s\\n' "$line"
  done < "$TASKS"
}

TASKS=tasks.txt
add_task "write it down"
list_tasks | grep -c down
`;

export const dockerfile = `FROM node:20 AS build
MAINTAINER somebody
WORKDIR /app
COPY package.json .
RUN npm ci && \\
    npm run build
FROM node:20-slim
ENV PORT=3000
copy --from=build /app /app
EXPOSE $PORT
CMD ["node", "main.js"]
CMD ["node", "other.js"]
`;

export const compose = `services:
  web:
    image: nginx:1
    ports:
      - "80:80"
    depends_on:
      - store
  store:
    image: redis:7
    volumes:
      - data:/data
volumes:
  data:
`;

export const svelte = `<script lang="ts">
  export let title: string;
  let count: number = 'many';
  const add = () => (count += 1);
</script>

<style>
  h1 { color: #ff0000; }
</style>

<h1>{title}</h1>
<button on:click={add}>{count.toFixed(0)}</button>
<img src="a.png">
`;

export const vue = `<script setup lang="ts">
import { ref } from 'vue';
const count = ref(0);
function add() { count.value += 1 }
</script>

<template>
  <ul class="tasks">
    <li v-for="n in count" :key="n">{{ n }}</li>
  </ul>
  <button @click="add">more</button>
</template>

<style scoped>
.tasks { color: #ff0000; }
</style>
`;

export const astro = `---
const title: string = 'Tasks';
const tasks = ['one', 'two'];
const broken: number = title;
---
<html lang="en">
  <head><title>{title}</title></head>
  <body>
    <ul>{tasks.map((task) => <li>{task}</li>)}</ul>
    <style>
      ul { color: #ff0000; }
    </style>
  </body>
</html>
`;

export const tailwind = `<!DOCTYPE html>
<html lang="en">
  <body class="bg-white">
    <ul class="flex p-4 text-red-500 block">
      <li class="mt-2">one</li>
    </ul>
  </body>
</html>
`;

export const mdx = `import { Chart } from './chart.js'

export const year = 2026

# Tasks of {year}

See [the list](#list).

<Chart year={year.toFixed(0)} />

## List

- one
- two
`;

export const vim = `let s:tasks = []

" Adds a task.
function! AddTask(title) abort
  let l:task = {'title': a:title}
  call add(s:tasks, l:task)
  return l:task
endfunction

function! ListTasks() abort
  for l:task in s:tasks
    echo l:task.title
  endfor
endfunction

call AddTask('write it down')
call ListTasks()
`;

export const ansible = `---
- name: Tasks
  hosts: all
  vars:
    port: 80
  tasks:
    - name: Say it
      ansible.builtin.debug:
        msg: "port {{ port }}"
    - name: Copy it
      ansible.builtin.copy:
        src: a
        dest: /tmp/b
`;

export const php = `<?php
namespace App;

/** One thing to do. */
class Task
{
    public function __construct(private string $title) {}

    public function title(): string { return $this->title; }
}

function addTask(string $title): Task {
    $unused = 1;
    return new Task($title);
}

$task = addTask('write it down');
echo $task->title();
echo strlen($task->missing());
`;

export const cpp = `#include <stddef.h>

struct Task {
  const char *title;
  int isDone;
};

/// How many are open.
size_t countOpen(const Task *tasks, size_t count) {
  size_t open = 0;
  for (size_t index = 0; index < count; ++index) {
    if (!tasks[index].isDone) { ++open; }
  }
  return open
}

int main() {
  Task tasks[] = {{"write it down", 0}, {"done", 1}};
  int unused = "text";
  return (int)countOpen(tasks, 2);
}
`;

export const go = `package main

import "fmt"

// Task is one thing to do.
type Task struct {
	Title  string
	IsDone bool
}

// Open says which are not done.
func Open(tasks []Task) []Task {
	var open []Task
	for _, task := range tasks {
		if !task.IsDone {
			open = append(open, task)
		}
	}
	return open
}

func main() {
	tasks := []Task{{Title: "write it down"}}
	fmt.Println(len(Open( tasks )))
}
`;
