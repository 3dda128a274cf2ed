project_dir_path = None
env_name = None
