import argparse
import asyncio
import os


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["start"])
    parser.add_argument("--project-path")
    parser.add_argument("--env-name")
    parser.add_argument("--wal", action="store_true")
    given = parser.parse_args()
    from finecode_extension_runner import er_server, global_state, wal

    global_state.project_dir_path, global_state.env_name = given.project_path, given.env_name
    folder = os.path.join(given.project_path, ".venvs", given.env_name, "state", "finecode", "wal", "er")
    asyncio.run(er_server.serve(er_server.create_er_server(wal.WalWriter(folder, "er") if given.wal else None)))


if __name__ == "__main__":
    main()
